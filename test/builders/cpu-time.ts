/** Time that this process has computed, in milliseconds: unlike the clock it does not run while other tests compute. */
export function cpuMilliseconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
