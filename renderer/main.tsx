/** Starts the app in the window of the desktop and in a browser. */
import "@fontsource-variable/inter/index.css";
import "@fontsource-variable/jetbrains-mono/index.css";
import "@mantine/core/styles.css";
import "./theme/tokens.css";
import "./theme/base.css";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { exposeIdle } from "./app/idle.ts";
import { appQueries, Providers } from "./app/providers.tsx";
import { appRouter } from "./app/router.tsx";
import { connect } from "./client/connect.ts";

const queries = appQueries();
const router = appRouter();
exposeIdle(queries, router);

const place = document.getElementById("root");
if (!place) throw new Error("The page has no place for the app.");
createRoot(place).render(
  <StrictMode>
    <Providers {...connect()} queries={queries}>
      <RouterProvider router={router} />
    </Providers>
  </StrictMode>,
);
