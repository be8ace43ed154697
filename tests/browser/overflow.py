"""What overflows its place on a page."""

from __future__ import annotations

OVERFLOWS = """
() => {
  const root = document.querySelector(".attention-widget");
  const right = root.getBoundingClientRect().right;
  const name = (node) => `${node.tagName}.${node.className}`;
  const wide = [document.documentElement, root, ...root.querySelectorAll(
    ".aw-top, .aw-form, .aw-picker, .aw-views, .aw-view, .aw-header, .aw-body, .aw-scroll, " +
    ".aw-text, .aw-legend, .aw-note"
  )].filter((node) => node.scrollWidth > node.clientWidth && node.clientWidth)
    .filter((node) => getComputedStyle(node).textOverflow !== "ellipsis").map(name);
  const scrolls = (node) => /auto|scroll/.test(getComputedStyle(node).overflowX);
  const out = [...root.querySelectorAll("*")].filter((node) => {
    for (let up = node.parentElement; up && up !== root; up = up.parentElement) {
      if (scrolls(up)) return false; // it can be brought into sight
    }
    const box = node.getBoundingClientRect();
    return box.width && (box.right > right + 0.5 || box.left < 0);
  }).map(name);
  return [...wide, ...out];
}
"""
