"""Calls of docs/openapi.json with generated input, sent through Django's own client and held to the description."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import requests
import schemathesis
from django.db import transaction
from django.test import Client
from django.urls import resolve
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import APIOperation, Case, GenerationMode, Response
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi import checks

ROOT = Path(__file__).parents[2]
HOST = "http://testserver"
CHECKS = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
# Answers come unpacked, and who asks is up to the client, not to a generated cookie or key.
NOT_SENT = {"Content-Type", "Content-Length", "Accept-Encoding", "Cookie", "Authorization"}
SOME_ID = "00000000-0000-4000-8000-000000000000"


@cache
def operations() -> dict[tuple[str, str], APIOperation]:
    """Every call of the committed description, by its method and the name of its route."""
    text = (ROOT / "docs" / "openapi.json").read_text(encoding="utf-8")
    schema = schemathesis.openapi.from_dict(json.loads(text))
    found = (result.ok() for result in schema.get_all_operations())
    return {(one.method.upper(), route_of(one.path)): one for one in found}


def route_of(path: str) -> str:
    """The name of the URL behind a path of the description."""
    parts = [SOME_ID if part.startswith("{") else part for part in path.split("/")]
    return resolve("/".join(parts)).view_name


@cache
def cases_of(label: str, mode: GenerationMode) -> st.SearchStrategy[Case]:
    """How the cases of a call are made, for all roles; composing it costs more than making one."""
    (found,) = (one for one in operations().values() if one.label == label)
    return found.as_strategy(generation_mode=mode)


def send(client: Client, case: Case, **headers: str) -> Response:
    """Sends a case and gives the answer as schemathesis reads it; what the call changed is rolled back."""
    sent = requests.Request(**case.as_transport_kwargs(base_url=HOST)).prepare()
    extra = {name: value for name, value in sent.headers.items() if name not in NOT_SENT}
    body = sent.body.encode() if isinstance(sent.body, str) else sent.body or b""
    kind = sent.headers.get("Content-Type", "application/octet-stream")
    with transaction.atomic(), transaction.atomic(using="keys"):
        got = client.generic(sent.method, sent.path_url, body, content_type=kind, headers={**extra, **headers})
        headers = {name: [value] for name, value in got.headers.items()}
        answer = Response(got.status_code, headers, got.getvalue(), sent, elapsed=0.0, verify=False, encoding="utf-8")
        for using in ("default", "keys"):
            transaction.set_rollback(True, using=using)
    return answer


def with_real_values(case: Case, path: dict[str, Any], body: dict[str, Any], chosen: int) -> None:
    """Puts ids and values that exist in the place of some generated ones; else every call stops at «not found»."""
    if chosen % 4:
        case.path_parameters.update({name: str(path[name]) for name in case.path_parameters if name in path})
    if isinstance(case.body, dict):
        for place, name in enumerate(sorted(set(body) & set(case.body))):
            if chosen >> place & 1:
                case.body[name] = body[name]


def wrong_answers(
    operation: APIOperation,
    ask: Callable[[Case], Response],
    *,
    examples: int,
    fill: Callable[[Case, int], None],
    mode: GenerationMode,
) -> list[str]:
    """What the answers to so many generated calls do that the description does not say; the same calls each time."""
    found: list[str] = []

    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases_of(operation.label, mode), chosen=st.integers(0, 255))
    def call(case: Case, chosen: int) -> None:
        fill(case, chosen)
        answer = ask(case)
        if answer.status_code >= 500:
            found.append(f"{case.method} {case.formatted_path} {case.body!r}: {answer.status_code}")
        try:
            case.validate_response(answer, checks=CHECKS)
        except FailureGroup as failure:
            found.append(str(failure))

    call()
    return found
