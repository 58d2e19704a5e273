/** Tests read English. */

import { speak } from "../lib/texts";

await speak("en");
