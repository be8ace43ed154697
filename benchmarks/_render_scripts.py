"""What runs in the pages and in the notebook whose drawing is timed."""

# settled(change) runs the change and resolves to the moment at which its picture is drawn.
SETTLED = """
window.settled = (change) => new Promise((resolve, reject) => {
  const hasLines = () => Number(document.querySelector("canvas[data-lines]")?.dataset.lines) > 0;
  let painted = change === null && hasLines();
  const observer = new MutationObserver(() => { painted = hasLines(); });
  observer.observe(document, { subtree: true, attributeFilter: ["data-lines"] });
  let frames = 0;
  const deadline = performance.now() + 60_000;
  const frame = () => {
    if (performance.now() > deadline) return reject(new Error("nothing was drawn in a minute"));
    const error = [...document.querySelectorAll(".aw-error")].find((node) => !node.hidden);
    if (error) return reject(new Error(error.textContent));
    frames = painted && !document.querySelector("[data-pending]") ? frames + 1 : 0;
    if (frames < 3) return requestAnimationFrame(frame);  // the first one painted
    observer.disconnect();
    resolve(performance.now());
  };
  change?.();
  requestAnimationFrame(frame);
});
window.idle = async () => {
  await new Promise(requestAnimationFrame);
  await new Promise((resolve) => setTimeout(resolve, 40 + 16 * Math.random()));
};
"""

# From the moment at which the page asked for the module.
FIRST_VIEW = """
async (url) => {
  const end = await window.settled(null);
  return (end - performance.getEntriesByName(url)[0].startTime) / 1000;
}
"""

# The module is there, as on a page that shows a second widget.
FIRST_VIEW_AGAIN = """
async (state) => {
  const { close, deliver, model } = window.host;
  close();
  deliver([{ method: "update", state }]);
  const { default: widget } = await import("/widget.js");
  const el = document.getElementById("cell");
  await window.idle();
  const start = performance.now();
  const end = await window.settled(() => { window.host.close = widget.render({ model, el }); });
  return (end - start) / 1000;
}
"""

CLICK = """
async (selector) => {
  const node = document.querySelector(selector);
  const choose = () => {
    if (node.localName !== "option") return node.click();
    node.parentElement.value = node.value;
    node.parentElement.dispatchEvent(new Event("change"));
  };
  await window.idle();
  const start = performance.now();
  return (await window.settled(choose) - start) / 1000;
}
"""

# What the widget asks of Python, by the messages that JupyterLab sends for it.
COUNT_ASKS = """
() => {
  window.asks = 0;
  const proto = WebSocket.prototype;
  proto.plainSend ??= proto.send;
  proto.send = function (data) {
    const text = typeof data === "string" ? data : new TextDecoder().decode(data);
    if (text.includes("comm_msg") && text.includes('"custom"')) window.asks += 1;
    return proto.plainSend.call(this, data);
  };
}
"""

# The kernel's way from running the cell is part of it.
RUN_CELL = """
async () => {
  await window.idle();
  const start = performance.now();
  const run = () => { window.jupyterapp.commands.execute("notebook:run-cell"); };
  return (await window.settled(run) - start) / 1000;
}
"""

LAB_CELL = """
from transformers import AutoModel, AutoTokenizer
from attention_widget import AttentionWidget, capture
model, tokenizer = (auto.from_pretrained({folder!r}) for auto in (AutoModel, AutoTokenizer))
traces = {{n: capture(model, text, tokenizer=tokenizer) for n, text in {texts!r}.items()}}
"""

NO_CHANGE = """
async () => {
  await window.idle();
  const start = performance.now();
  for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
  return (performance.now() - start) / 1000;
}
"""
