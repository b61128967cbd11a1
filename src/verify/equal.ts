/**
 * Comparison in constant time. Both sides are hashed first: the platform's comparison throws on unequal lengths, and the
 * length of a secret is not the sender's business.
 */
export async function isEqual(presented: string, secret: string): Promise<boolean> {
  const [left, right] = await Promise.all([digest(presented), digest(secret)]);
  return crypto.subtle.timingSafeEqual(left, right);
}

function digest(text: string): Promise<ArrayBuffer> {
  return crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
}
