/** What leaves this machine: nothing. */
import { Row } from "./row.tsx";

export function PrivacySection() {
  return (
    <>
      <Row name="Network">off: nothing leaves this machine</Row>
      <Row name="Hub ids" note="Only the local Hugging Face cache is read.">
        looked up on this machine
      </Row>
      <Row name="Telemetry">there is none</Row>
    </>
  );
}
