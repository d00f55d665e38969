/** Is this a file of rules, not of ONNX? An ONNX file is a protobuf message, whose first byte is no letter, mark of a comment or blank line. */
export function isRules(bytes: Uint8Array): boolean {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 4096)).toString('latin1');
  return /^(?:\u00ef\u00bb\u00bf)?(?:[ \t]*(?:#[^\n]*)?\r?\n|---\r?\n)*version[ \t]*:[ \t]*["']?scoreline\.rules\//.test(head);
}
