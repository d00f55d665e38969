import { openOrtSession } from './ort-session.js';
import { isRules } from './rules/is-rules.js';
import type { Session, SessionOptions } from './session.js';
import type { Signature } from './signature.js';

/** Opens a session on a model's bytes, as loadModel gives them: of ONNX Runtime, or of rules. Throws what openOrtSession throws. */
export async function openSession(bytes: Uint8Array, signature: Signature, options: SessionOptions): Promise<Session> {
  if (!isRules(bytes)) return openOrtSession(bytes, signature, options);
  const { openRulesSession } = await import('./rules/session.js');
  return openRulesSession(bytes);
}
