"""The reader of pages sends what a browser would send."""

import pytest

from tests.doors.markup import read

PAGE = """
<main><h1 class="big loud">Ward &amp; <b>bay</b></h1><p>First<br>second</p>
<form action="/go/" data-act-form="move">
  <input type="hidden" name="key" value="a&quot;b"><input type="text" name="empty"><input name="off" disabled value="x">
  <input type="radio" name="side" value="left"><input type="radio" name="side" value="right" checked>
  <input type="checkbox" name="region" value="c" checked><input type="checkbox" name="region" value="t" checked>
  <input type="checkbox" name="alone" checked><input type="checkbox" name="not">
  <select name="first"><option value="">Choose</option><option value="1">One</option></select>
  <select name="chosen"><option value="1">One</option><option value="2" selected>Two</option></select>
  <textarea name="words">
  two
lines</textarea>
  <button name="throw_away" value="yes">No</button><input type="submit" name="go" value="Go">
</form></main>
"""


def test_a_form_untouched() -> None:
    assert read(PAGE).one("form", data_act_form="move").fields() == {
        "key": ['a"b'],
        "empty": [""],
        "side": ["right"],
        "region": ["c", "t"],
        "alone": ["on"],
        "first": [""],
        "chosen": ["2"],
        "words": ["  two\nlines"],
    }


def test_words_and_classes() -> None:
    page = read(PAGE)
    assert page.one(class_="loud").words == "Ward & bay"
    assert page.one("p").words == "First second"
    assert page.one("main").all("h1", class_="lou") == []


def test_only_one_is_one() -> None:
    with pytest.raises(AssertionError, match="2 elements select"):
        read(PAGE).one("select")
