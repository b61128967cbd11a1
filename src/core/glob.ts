/** Whether a text is like a pattern in which `*` stands for anything; letters count alike in both cases. */
export function isLike(pattern: string, text: string): boolean {
  const parts = pattern.toLowerCase().split("*");
  const [first = "", ...rest] = parts;
  const last = rest.pop();
  const lower = text.toLowerCase();
  if (last === undefined) return lower === first;
  if (!lower.startsWith(first)) return false;
  let position = first.length;
  for (const part of rest) {
    const found = lower.indexOf(part, position);
    if (found < 0) return false;
    position = found + part.length;
  }
  return lower.length - last.length >= position && lower.endsWith(last);
}
