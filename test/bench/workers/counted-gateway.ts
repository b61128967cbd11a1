import gateway from "../../../src/index.ts";
import { counted } from "./counting.ts";

export default counted(gateway);
