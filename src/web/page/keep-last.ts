/** The same function, computed again only when an argument is another than the last time. */
export function keepLast<A extends readonly unknown[], R>(compute: (...args: A) => R): (...args: A) => R {
  let last: { readonly args: A; readonly result: R } | undefined;
  return (...args) => {
    if (last === undefined || args.some((argument, index) => argument !== last?.args[index]))
      last = { args, result: compute(...args) };
    return last.result;
  };
}
