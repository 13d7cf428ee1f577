/** A view that has nothing to show before something was compared: one sentence, and the way to the library. */
import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { EmptyState } from "./empty-state.tsx";
import { PageHead } from "./page-head.tsx";

interface NothingYetProps {
  /** Name of the view. */
  view: string;
  icon: ReactNode;
  title: string;
  sentence: string;
}

export function NothingYet({ view, ...state }: NothingYetProps) {
  return (
    <>
      <PageHead title={view} />
      <EmptyState
        {...state}
        action={
          <Button variant="filled" renderRoot={(props) => <Link to="/library" {...props} />}>
            Open the library
          </Button>
        }
      />
    </>
  );
}
