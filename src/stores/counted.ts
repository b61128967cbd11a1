/** Bindings that count what is asked of them. */
import type { Operations } from "../core/operations.ts";

/** @param count told of each call as it is made */
export function counted<Binding extends object>(binding: Binding, count: () => void): Binding {
  return new Proxy(binding, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== "function") return member;
      return (...parameters: unknown[]): unknown => {
        count();
        const answer: unknown = Reflect.apply(member, target, parameters);
        // The parts of a large file are calls too.
        return name === "createMultipartUpload" && answer instanceof Promise
          ? answer.then((upload: object) => counted(upload, count))
          : answer;
      };
    },
  });
}

/** The bindings, each counted as what it is, wrapped only where somebody asks for it. */
export function countedBindings<Env extends object>(
  env: Env,
  kinds: Readonly<Partial<Record<keyof Env, keyof Operations>>>,
  operations: Operations,
): Env {
  return new Proxy(env, {
    get(target, name) {
      const binding: unknown = Reflect.get(target, name);
      const kind = kinds[name as keyof Env];
      return kind && typeof binding === "object" && binding !== null
        ? counted(binding, () => void operations[kind]++)
        : binding;
    },
  });
}
