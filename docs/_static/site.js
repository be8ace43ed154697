// A live page follows the theme that a reader chooses here.
const frames = () => document.querySelectorAll("iframe.live, .cell_output iframe");
const system = matchMedia("(prefers-color-scheme: dark)");

function isDark() {
  const said = document.body.dataset.theme;
  return said === "dark" || (said !== "light" && system.matches);
}

function follow() {
  const theme = isDark() ? "dark" : "light";
  for (const frame of frames()) {
    if (frame.hasAttribute("srcdoc")) {
      if (frame.dataset.shown === theme) continue;
      if (frame.dataset.shown || isDark() !== system.matches) {
        frame.srcdoc = frame.srcdoc.replace(
          /<html(?: data-theme="\w+")?/,
          `<html data-theme="${theme}"`,
        );
      }
      frame.dataset.shown = theme;
    } else {
      const [page, hash = ""] = frame.dataset.live.split("#");
      const address = `${page}#${hash ? `${hash}&` : ""}theme=${theme}`;
      if (frame.getAttribute("src") !== address) frame.setAttribute("src", address);
    }
  }
}

follow();
system.addEventListener("change", follow);
new MutationObserver(follow).observe(document.body, { attributeFilter: ["data-theme"] });
