// The import layers of js/, top to bottom: a module imports its own layer or lower ones.
const LAYERS = [
  ["export", "loader"],
  ["widget"],
  ["embedded/[a-z_]+"],
  ["derive/[a-z_]+"],
  ["views/[a-z_]+", "picker", "sentence", "settings", "help", "announcer", "standing"],
  ["(?:grid|lines|matrix|neuron|text|tokens)/[a-z_]+"], // the parts of one view each
  ["image", "strips", "clipboard"],
  [
    "attention",
    "resource",
    "resources",
    "series",
    "token_list",
    "panel",
    "ungrouped",
    "page",
    "prefetch",
  ],
  ["actions", "resize"],
  ["caption", "layout"],
  ["place", "colour_maps", "head_chips", "scale_words"],
  ["state", "source", "kernel", "connection", "kept", "range", "measures"],
  ["fits", "scales"],
  ["tensor_key"],
  [
    "tensor",
    "base64",
    "host",
    "notebook_kernel",
    "dom",
    "chips",
    "palette",
    "rows",
    "tooltip",
    "theme",
    "sides",
    "story",
    "figure",
    "full_window",
    "icons",
    "shortcuts",
  ],
  ["svg", "units", "direction", "drawn"],
  ["texts/[a-z_]+"],
  ["language"],
  ["contract"],
];

const modules = (names) => `^js/(${names.join("|")})[.]ts$`;

const goingUp = LAYERS.slice(1).map((names, above) => ({
  name: `up-from-layer-${above + 1}`,
  comment: `Imports go down only: ${names.join(", ")} may not import a layer above.`,
  severity: "error",
  from: { path: modules(names) },
  to: { path: modules(LAYERS.slice(0, above + 1).flat()) },
}));

module.exports = {
  forbidden: [
    ...goingUp,
    {
      name: "no-layer",
      comment: "Every module of js/ has its layer: add the new one to LAYERS.",
      severity: "error",
      from: {},
      to: { path: "^js/.*[.]ts$", pathNot: modules(LAYERS.flat()) },
    },
    {
      name: "orphan",
      comment: "A module that nothing imports is dead, or it escapes the layers.",
      severity: "error",
      from: { orphan: true },
      to: {},
    },
    {
      name: "circular",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "between-views",
      comment: "Views never import each other: what two of them share lies in a layer below.",
      severity: "error",
      from: { path: "^js/views/" },
      to: { path: "^js/(views/|picker|sentence)" },
    },
    {
      name: "between-parts",
      comment: "A folder is the parts of one view; no other view may use them.",
      severity: "error",
      from: { path: "^js/(grid|lines|matrix|neuron|text|tokens)/" },
      to: {
        path: "^js/(?:grid|lines|matrix|neuron|text|tokens)/",
        pathNot: "^js/$1/",
      },
    },
    {
      name: "view-to-host",
      comment: "A view draws from state and source; the host is the business of the transport.",
      severity: "error",
      from: { path: "^js/(views/|picker)" },
      to: { path: "^js/(host|kernel)[.]ts$" },
    },
    {
      name: "anywidget-elsewhere",
      comment: "Only widget.ts knows anywidget.",
      severity: "error",
      from: { path: "^js/", pathNot: "^js/widget[.]ts$" },
      to: { path: "@anywidget" },
    },
    {
      name: "anywidget-at-run-time",
      comment: "@anywidget/types has types only.",
      severity: "error",
      from: { path: "^js/" },
      to: { path: "@anywidget", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "not-bundled",
      comment: "js/ uses the packages under `dependencies`, nothing else.",
      severity: "error",
      from: { path: "^js/" },
      to: {
        path: "node_modules/",
        pathNot: "@anywidget/types",
        dependencyTypesNot: ["npm"],
      },
    },
    {
      name: "unresolvable",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: "node",
      comment: "The bundle runs in a browser.",
      severity: "error",
      from: { path: "^js/" },
      to: { dependencyTypes: ["core"] },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^js/build[.]mjs$" }, // runs in Node, and is in no bundle
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    combinedDependencies: false,
  },
};
