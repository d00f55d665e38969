/** The platform that a package is made for: `--platform linux-x64`, this machine's by default. */
export function targetOf(argv) {
  const at = argv.indexOf('--platform');
  const [platform, arch] = (at === -1 ? `${process.platform}-${process.arch}` : (argv[at + 1] ?? '')).split('-');
  if (!platform || !arch) throw new Error('--platform wants a name such as linux-x64');
  return { platform, arch };
}
