/** Tests read English. */

import { learn } from "../lib/texts";

await learn();
