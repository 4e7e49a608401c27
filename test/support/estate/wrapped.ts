// A port seen through something: each of its functions is replaced by one that passes through it, and everything else stays.

export type Through = (method: string, subject: string, work: () => Promise<unknown>) => Promise<unknown>;

/** Functions of the port must all be asynchronous. What the port holds is looked up at each call, so that a test may change it. */
export function wrapped<P extends object>(inner: P, through: Through): P {
  const outer: PropertyDescriptorMap = {};
  for (const key of Object.keys(inner)) {
    const get = (): unknown => Reflect.get(inner, key);
    if (typeof get() !== 'function') {
      outer[key] = { get, enumerable: true };
      continue;
    }
    const value = (...args: unknown[]) =>
      through(key, typeof args[0] === 'string' ? args[0] : '', () => {
        const held = get();
        return typeof held === 'function' ? Reflect.apply(held, inner, args) : Promise.resolve(held);
      });
    outer[key] = { value, enumerable: true };
  }
  return Object.defineProperties({}, outer) as P;
}
