/** What stands in the notebook is not what a widget left there. */
export class Malformed extends Error {}
