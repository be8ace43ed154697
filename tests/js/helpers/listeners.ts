/** A widget hangs more listeners on its one signal than Node finds usual, and Node says so. */

import { setMaxListeners } from "node:events";

setMaxListeners(0);
