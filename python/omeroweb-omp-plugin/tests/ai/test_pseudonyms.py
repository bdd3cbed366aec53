"""Words and numbers of names don't leave the site; the answer comes back in the site's own words."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omeroweb_omp_plugin.ai.errors import UnusableAnswerError
from omeroweb_omp_plugin.ai.fit import fit
from omeroweb_omp_plugin.ai.pseudonyms import TOKEN, UNITS, Pseudonyms
from omeroweb_omp_plugin.ai.question import make_question

from .provider_doubles import rule

NAMES = ["Mueller_HeLa_DMSO_2024_488nm_t01.tif", "Mueller_U2OS_Taxol_2025_561nm_t02.tif"]
SECRET_WORDS = ("Mueller", "HeLa", "DMSO", "Taxol", "2024", "2025", "488", "561")
name_text = st.text(
    st.sampled_from(string.ascii_letters + string.digits + "_-. ()[]äßλ細é😀\u0301\u202e"), max_size=40
)


def question(double, names=NAMES, seed=b"seed"):
    return make_question(double.provider, double.model, names, ["Position"], hide=True, seed=seed)


def test_no_word_or_number_of_a_name_is_sent(double):
    question(double).ask(double.line())

    sent = double.requests[0].body.decode()
    assert [word for word in SECRET_WORDS if word in sent] == []
    names = double.question()[1]["file_names"]
    assert [re.sub(r"[A-Za-z0-9]", "", name) for name in names] == ["_____", "_____"]
    assert [len(name) for name in names] == [len(name) - 4 for name in NAMES]


def test_the_same_word_gets_the_same_replacement(openai):
    question(openai).ask(openai.line())

    first, second = (name.split("_") for name in openai.question()[1]["file_names"])
    assert first[0] == second[0] != "Mueller"
    assert first[1] != second[1]
    assert first[4].endswith("nm")
    assert first[5][0] == "t"


def test_what_is_shown_first_is_what_is_sent_afterwards(openai):
    shown = question(openai)

    question(openai).ask(openai.line())

    assert openai.requests[0].json == shown.body
    assert question(openai).digest == shown.digest


def test_another_site_would_replace_differently(openai):
    assert question(openai, seed=b"one").body != question(openai, seed=b"two").body


def test_replaced_words_in_the_answer_are_turned_back(openai):
    hidden = question(openai).pseudonyms
    one, two, who = (hidden.hidden[word] for word in ("DMSO", "Taxol", "Mueller"))
    pattern = rf"({who})_([^_]+)_({one}|{two})_(\d{{4}})_(\d+nm)_t(\d{{2}})"
    openai.always = openai.answer(
        rule(
            mode="regex",
            pattern=pattern,
            variables=[who, "Cell", "Drug", "Year", "Laser", "Time"],
            explanation=f"{who} used {one} or {two} in 2 files.",
        )
    )

    answer = question(openai).ask(openai.line())

    assert answer.pattern == r"(Mueller)_([^_]+)_(DMSO|Taxol)_(\d{4})_(\d+nm)_t(\d{2})"
    assert answer.variables[0] == "Mueller"
    assert answer.explanation == "Mueller used DMSO or Taxol in 2 files."
    fitted = fit(answer, NAMES)
    assert fitted.rows[0] == ("Mueller", "HeLa", "DMSO", "2024", "488nm", "01")


def test_an_answer_in_replaced_words_only_does_not_fit(openai):
    made = Pseudonyms.of(["HeLa_01"], b"seed")
    assert made.reveal_pattern("(Kilo)_(99)") == "(Kilo)_(99)"
    openai.always = openai.answer(rule(mode="regex", pattern="(Kilo)_(Mega)"))
    with pytest.raises(UnusableAnswerError, match="doesn't cut"):
        fit(question(openai).ask(openai.line()), NAMES)


@pytest.mark.parametrize(
    "syntax",
    [
        r"\d{12}",
        r"[ab12]{34}",
        r"(?P<ab>x)",
        r"(?:ab)",
        r"(?<!a)",
        r"\p{Lu}",
        r"\x41",
        r"(x)\1",
        "(?i:x)",
        r"[\]ab]",
    ],
)
def test_the_syntax_of_a_pattern_is_left_alone(syntax):
    made = Pseudonyms(shown={"ab": "HeLa", "12": "99", "34": "88", "Lu": "Mueller", "41": "77"})

    found = made.reveal_pattern(syntax)

    assert found == syntax.replace("(?:ab)", "(?:HeLa)")


def test_signs_in_originals_stay_literal_in_patterns():
    made = Pseudonyms(shown={"gobi": "λ"})
    assert made.reveal_pattern("(gobi)") == "(λ)"


@given(st.lists(name_text, max_size=20), st.binary(max_size=8))
def test_hiding_can_always_be_turned_back(names, seed):
    made = Pseudonyms.of(names, seed)

    for name in names:
        hidden = made.hide(name)
        tokens = TOKEN.findall(name)
        assert [made.shown.get(token, token) for token in TOKEN.findall(hidden)] == tokens
        assert not [
            token
            for token in tokens
            if token not in UNITS and token in TOKEN.findall(hidden) and token not in made.shown
        ]


def test_every_two_digit_number_finds_a_replacement():
    names = [f"p{number:02}" for number in range(100)]
    made = Pseudonyms.of(names, b"seed")

    assert len(set(made.hidden.values())) == 100
    assert all(made.hidden[f"{number:02}"] != f"{number:02}" for number in range(100))
