from django.db import migrations

TABLE = "consent_ledgerentry"

SQLITE = [
    f"CREATE TRIGGER {TABLE}_no_{act.lower()} BEFORE {act} ON {TABLE} "
    f"BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
    for act in ("UPDATE", "DELETE")
]
POSTGRESQL = [
    f"""CREATE FUNCTION {TABLE}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$""",
    f"CREATE TRIGGER {TABLE}_no_change BEFORE UPDATE OR DELETE ON {TABLE} "
    f"FOR EACH ROW EXECUTE FUNCTION {TABLE}_refuse()",
    f"CREATE TRIGGER {TABLE}_no_truncate BEFORE TRUNCATE ON {TABLE} "
    f"FOR EACH STATEMENT EXECUTE FUNCTION {TABLE}_refuse()",
]
STATEMENTS = {"sqlite": SQLITE, "postgresql": POSTGRESQL}


def put_triggers(apps, schema_editor):
    if schema_editor.connection.alias != "default":
        return
    for statement in STATEMENTS[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def drop_triggers(apps, schema_editor):
    if schema_editor.connection.alias != "default":
        return
    if schema_editor.connection.vendor == "sqlite":
        for act in ("update", "delete"):
            schema_editor.execute(f"DROP TRIGGER {TABLE}_no_{act}")
        return
    schema_editor.execute(f"DROP TRIGGER {TABLE}_no_change ON {TABLE}")
    schema_editor.execute(f"DROP TRIGGER {TABLE}_no_truncate ON {TABLE}")
    schema_editor.execute(f"DROP FUNCTION {TABLE}_refuse()")


class Migration(migrations.Migration):
    """The ledger refuses update, delete and truncate in the database itself, on both engines."""

    dependencies = [("consent", "0001_initial")]
    operations = [migrations.RunPython(put_triggers, drop_triggers)]
