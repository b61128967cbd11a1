/** One record per unit of work, as one line of JSON. Ids, stages, stable words and milliseconds; never a body, header, secret or URL. */
export interface LogRecord {
  stage: "config" | "http" | "receive" | "token" | "process" | "deliver" | "sweep" | "file" | "admin";
  outcome: string;
  [field: string]: string | number | boolean | undefined;
}

export type Log = (record: LogRecord) => void;

export const logToConsole: Log = (record) => {
  console.log(JSON.stringify(record));
};
