/** Chromium tells this; other browsers do not, and their inputs wait for the step that is being drawn. */
interface Scheduling {
  isInputPending(options: { readonly includeContinuous: boolean }): boolean;
}

const { scheduling } = navigator as Navigator & { readonly scheduling?: Scheduling };

/** Whether a person has done something that the page was not yet told of: pressed, typed, or moved the pointer. */
export function inputWaits(): boolean {
  return scheduling?.isInputPending({ includeContinuous: true }) ?? false;
}
