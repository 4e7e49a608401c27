// How Google's REST APIs word an error.
import { type HttpAnswer, jsonAnswer } from './http.ts';

/** `status` is the name of a google.rpc.Code, such as FAILED_PRECONDITION. */
export function googleFailure(httpStatus: number, status: string, message: string): HttpAnswer {
  return jsonAnswer(httpStatus, { error: { code: httpStatus, message, status } });
}
