/** The colours that the style sheet gives a theme, for what is drawn rather than styled. */

const NAMES = [
  "paper",
  "raised",
  "ink",
  "soft",
  "rule",
  "edge",
  "accent",
  "wash",
  "bar",
  "bar-opacity",
  "warn",
  "hue-0",
  "hue-1",
  "hue-2",
  "hue-3",
  "hue-4",
  "hue-5",
] as const;

export type Inks = Readonly<Record<(typeof NAMES)[number], string>>;

interface Themes {
  light?: Inks;
  dark?: Inks;
}

const known = new WeakMap<Element, Themes>();

/** Read once for each theme. `dark` is the theme to come: until it is there, the present one's. */
export function inksOf(element: Element, dark: boolean): Inks {
  const theme = dark ? "dark" : "light";
  const root = element.closest<HTMLElement>(".attention-widget");
  const themes: Themes = (root && known.get(root)) ?? {};
  const before = themes[theme];
  if (before) return before;
  const style = getComputedStyle(root ?? element);
  const inks = Object.fromEntries(
    NAMES.map((name) => [name, style.getPropertyValue(`--aw-${name}`).trim()]),
  ) as Inks;
  const isHere = root?.isConnected && root.dataset.theme === theme && inks.ink !== "";
  if (root && isHere) known.set(root, { ...themes, [theme]: inks });
  return inks;
}
