// The rooms of js/, top to bottom: a module imports its own room or those below.
const ROOMS = [
  "entries", // widget, export, loader, matrix
  "views",
  "shell",
  "panel",
  "saved",
  "controls",
  "plane", // query × key: camera, pointing
  "interact",
  "draw",
  "tensors",
  "measures",
  "state",
  "transport",
  "language",
  "trace",
  "browser",
];

const inside = (room) => (room === "entries" ? "(widget|export|loader|matrix)[.]ts$" : `${room}/`);
const modules = (rooms) => `^js/(${rooms.map(inside).join("|")})`;

const goingUp = ROOMS.slice(1).map((room, above) => ({
  name: `up-from-${room}`,
  comment: `Imports go down only: ${room} may not import a room above it.`,
  severity: "error",
  from: { path: modules([room]) },
  to: { path: modules(ROOMS.slice(0, above + 1)) },
}));

module.exports = {
  forbidden: [
    ...goingUp,
    {
      name: "no-room",
      comment: "Every module of js/ stands in a room: add a new one to ROOMS.",
      severity: "error",
      from: {},
      to: { path: "^js/.*[.]ts$", pathNot: modules(ROOMS) },
    },
    {
      name: "orphan",
      comment: "A module that nothing imports is dead, or it escapes the rooms.",
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
      comment: "Views never import each other: what two of them share lies in a room below.",
      severity: "error",
      from: { path: "^js/views/([a-z_]+)/" },
      to: { path: "^js/views/", pathNot: "^js/views/$1/" },
    },
    {
      name: "into-a-view",
      comment: "The table of views imports whole views, and others import the table.",
      severity: "error",
      from: { path: "^js/", pathNot: "^js/views/[a-z_]+/" },
      to: { path: "^js/views/[a-z_]+/", pathNot: "^js/views/[a-z_]+/index[.]ts$" },
    },
    {
      name: "around-the-table",
      comment: "What is not a view knows the views by their table alone.",
      severity: "error",
      from: { path: "^js/", pathNot: "^js/views/" },
      to: { path: "^js/views/", pathNot: "^js/views/index[.]ts$" },
    },
    {
      name: "view-to-host",
      comment: "A view draws from state and source; the host is the business of the transport.",
      severity: "error",
      from: { path: "^js/(views/|shell/picker)" },
      to: { path: "^js/transport/" },
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
