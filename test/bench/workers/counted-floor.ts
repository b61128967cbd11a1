import { counted } from "./counting.ts";
import floor from "./floor.ts";

export default counted(floor);
