"""What axe has judged once in this process and need not judge again: the contrast of a look, the rules of a style sheet.

Contrast takes two thirds of a look of axe, and most of a page looks like the page before. The look of a text is all that
its contrast is made of: its colours, size and weight, and every background, opacity and filter around it. What another
element may lie upon is judged each time.
"""

from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page

CONTRAST, ORIENTATION = "color-contrast", "css-orientation-lock"
UNJUDGED = "data-unjudged"
# Marks each text whose look is not among those given; the looks of this page, and the addresses of its style sheets.
MARK = """([judged, mark]) => {
  const known = new Set(judged), found = new Set(), chains = new Map();
  const clear = (style) => style.backgroundImage === "none" && style.opacity === "1" && style.filter === "none"
    && style.mixBlendMode === "normal" && /^rgba\\(.*, 0\\)$/.test(style.backgroundColor);
  const around = (element) => {
    if (!element) return "";
    if (!chains.has(element)) {
      const style = getComputedStyle(element), outside = around(element.parentElement);
      const own = clear(style) ? "" : [style.backgroundColor, style.backgroundImage, style.opacity, style.filter,
        style.mixBlendMode, style.backgroundClip].join();
      chains.set(element, own && `${outside}|${own}`  || outside);
    }
    return chains.get(element);
  };
  const hash = (text) => {
    let a = 0xdeadbeef, b = 0x41c6ce57;
    for (let place = 0; place < text.length; place++) {
      const code = text.charCodeAt(place);
      a = Math.imul(a ^ code, 2654435761); b = Math.imul(b ^ code, 1597334677);
    }
    return 4294967296 * (2097151 & b) + (a >>> 0);
  };
  const all = [...document.body.querySelectorAll("*")];
  const lifted = all.filter((element) => !["static", "relative"].includes(getComputedStyle(element).position))
    .map((element) => [element, element.getBoundingClientRect()]).filter(([, box]) => box.width && box.height);
  const covered = (element) => {
    const own = element.getBoundingClientRect();
    return lifted.some(([other, box]) => !other.contains(element) && own.left < box.right && box.left < own.right
      && own.top < box.bottom && box.top < own.bottom);
  };
  const speaks = (element) => ["INPUT", "SELECT", "TEXTAREA"].includes(element.tagName)
    || [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  for (const element of all.filter(speaks)) {
    const style = getComputedStyle(element);
    const look = hash([style.color, style.fontSize, style.fontWeight, style.textShadow, style.webkitTextFillColor,
      style.webkitTextStrokeWidth, element.tagName === "INPUT", around(element)].join());
    found.add(look);
    if (!known.has(look) || covered(element)) element.setAttribute(mark, "");
  }
  const sheets = [...document.querySelectorAll("link[rel=stylesheet]")].map((link) => link.href).join(" ");
  return { looks: [...found], sheets, unjudged: document.querySelectorAll(`[${mark}]`).length };
}"""
LOOK = "([where, options]) => axe.run(where, options).then(found => found.violations)"
FORGET = "(mark) => document.querySelectorAll(`[${mark}]`).forEach((one) => one.removeAttribute(mark))"


@dataclass(frozen=True, slots=True)
class Judged:
    """The looks and style sheets in which axe has found no fault."""

    looks: set[int] = field(default_factory=set)
    sheets: set[str] = field(default_factory=set)

    def faults(self, page: Page, options: dict[str, Any]) -> list[Any]:
        """What axe finds on a page, which has it; nothing is taken for judged that has a fault."""
        there = page.evaluate(MARK, [sorted(self.looks), UNJUDGED])
        spared = [CONTRAST, *([ORIENTATION] if there["sheets"] in self.sheets else [])]
        rules = {name: {"enabled": False} for name in spared}
        found: list[Any] = page.evaluate(LOOK, ["html", {**options, "rules": rules}])
        if there["unjudged"]:
            contrast = {**options, "runOnly": {"type": "rule", "values": [CONTRAST]}}
            found += page.evaluate(LOOK, [{"include": [[f"[{UNJUDGED}]"]]}, contrast])
        page.evaluate(FORGET, UNJUDGED)
        if not found:
            self.looks.update(there["looks"])
            self.sheets.add(there["sheets"])
        return found


judged = Judged()
