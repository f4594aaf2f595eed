r"""Submissions whose text, output and errors are markup, control characters, or too long."""

from tests.grading.hostile.submission import answering, harmless, hostile, submission

OK, BAD, SLOW = "graded", "bad answer", "timed out"
SCRIPT = "<script>document.title = 'taken'</script><img src=x onerror=alert(1)>"
WORDS = {
    "markup": SCRIPT,
    "markup in many forms": "</pre></td>{{7*7}}{% raw %}${7*7}<!--#exec--><svg/onload=alert(1)>"
    "[x](javascript:alert(1)) ![x](x 'onerror=alert(1)') &lt;b&gt; ]]> --> `x` $x$ \\href{javascript:x}{y}",
    "colours of a terminal": "\x1b[31mred\x1b[0m\x1b]0;title\x07\x1b[2J\x1b]8;;http://x\x07x\x1b]8;;\x07",
    "NUL and its like": "".join(map(chr, range(32)))
    + "\x7f"
    + "".join(map(chr, range(128, 160))),
    "right to left": "\u202etxet siht\u202c \u2066\u2067\u2069\u200e\u200f\u061c\u200b\ufeff",
    "halves of characters": "\ud800 \udfff \udc80",
    "what is beyond Unicode's first plane": "\U0001f600\U000e0041\U0010ffff\ufffe\uffff",
    "marks upon marks": "a" + "\u0300" * 5000,
    "a long word": "x" * 40_000,
    "many lines": "x\n" * 10_000,
    "carriage returns": "correct\rwrong\r\n\x0b\x0c\x85\u2028\u2029",
    "formulas of a spreadsheet": "=cmd|'/c calc'!A1,+1,-1,@SUM(1)\t\";\n",
}


def saying(name, words):
    """Return a submission that says these words in all ways that there are."""
    code = ascii(words)
    named = f"try:\n    E.__name__ = {code}\nexcept ValueError:\n    pass\n"
    return submission(
        f"text: {name}",
        "be run, misread or not stored by who reads it",
        answering(
            above={
                "he_normal": f"# {words}\nimport sys\nprint({code})\n"
                f"print({code}, file=sys.stderr)\n{code}"
            },
            he_normal=f"def he_normal(shape, rng, leak=0.0):\n    return {code}",
            gain=f"class E(Exception): pass\n{named}def gain(phi):\n    raise E({code})",
            dead_fraction=f"class E: pass\n{named}def dead_fraction(activations):\n    return E()",
            why=f"Because {words}",
        ),
        phrase="gain(",
        he_normal=0.0,
        gain=0.0,
        dead_fraction=0.0,
    )


SUBMISSIONS = [
    *(saying(name, words) for name, words in WORDS.items()),
    harmless(
        "displays markup",
        "be run by who reads the output",
        f"""
        from IPython.display import HTML, Javascript, Markdown, display
        display(HTML({SCRIPT!r}), Javascript("alert(1)"), Markdown({SCRIPT!r}))
        class Shown:
            def _repr_html_(self):
                return {SCRIPT!r}
        Shown()
        """,
    ),
    hostile(
        "raises markup at the top",
        "be run by who reads the output",
        f"raise type('<script>', (Exception,), {{}})({SCRIPT!r})",
        phrase="<script>",
    ),
    hostile(
        "markup in a syntax error",
        "be run by who reads the output",
        f"def gain(phi): {SCRIPT}",
        phrase="SyntaxError",
    ),
]
