"""Words explained at one tap, below the page that uses them: `{% explained %}…{% endexplained %}`."""

import re

from django import template
from django.template.base import NodeList, Parser, Token
from django.template.context import Context

from passport import words

register = template.Library()

ALREADY = re.compile(r'data-word="([^"]+)"')


class ExplainedNode(template.Node):
    """What stands inside, then the hard words it used."""

    def __init__(self, nodelist: NodeList) -> None:
        self.nodelist = nodelist

    def render(self, context: Context) -> str:
        html = self.nodelist.render(context)
        terms = words.words_in(html, explained=ALREADY.findall(html))
        if not terms or context.template is None:
            return html
        part = context.template.engine.get_template("_parts/words.html")
        with context.push(terms=[(word.word, word.means) for word in terms]):
            return html + part.render(context)


@register.tag
def explained(parser: Parser, token: Token) -> ExplainedNode:
    """Adds «Moeilijke woorden» below the block when it uses a word of the glossary."""
    nodelist = parser.parse(("endexplained",))
    parser.delete_first_token()
    return ExplainedNode(nodelist)
