import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { expect, test } from "vitest";
import { KeptFocus } from "./kept-focus.tsx";

function Switch() {
  const [on, setOn] = useState(false);
  return (
    <KeptFocus state={String(on)}>
      {on ? (
        <button key="off" type="button" onClick={() => setOn(false)}>
          Pause
        </button>
      ) : (
        <button key="on" type="button" onClick={() => setOn(true)}>
          Resume
        </button>
      )}
    </KeptFocus>
  );
}

test("the focus goes on to the button that came in the place of the one that was pressed", async () => {
  const user = userEvent.setup();
  render(<Switch />);
  await user.tab();
  await user.keyboard("{Enter}");
  expect(document.activeElement).toBe(screen.getByRole("button", { name: "Pause" }));
  await user.keyboard("{Enter}");
  expect(document.activeElement).toBe(screen.getByRole("button", { name: "Resume" }));
});
