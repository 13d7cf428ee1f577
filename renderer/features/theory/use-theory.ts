/** Joins address and answers of the engine to what the Theory lab shows. */
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { AppRun } from "../../../src/contract/domain/cells.ts";
import type {
  AdviceDocument,
  MeasuredOrder,
  MeasuredSpectrum,
  RiskDocument,
  SimulationQuestion,
  TheorySweep,
} from "../../../src/contract/domain/theory.ts";
import { useEngine } from "../../client/engine.ts";
import { runsQuery } from "../../client/queries.ts";
import {
  adviceQuery,
  measuredOrderQuery,
  measuredSpectrumQuery,
  riskQuery,
  sweepQuery,
} from "../../client/theory-queries.ts";
import {
  askedRanks,
  isInfinite,
  noisePlaces,
  rankPlaces,
  type Setting,
  samplePlaces,
  settingOf,
  shiftOf,
  simulatedNoise,
  simulatedSamples,
  spectrumOf,
} from "./model/setting.ts";
import type { TheorySearch } from "./search.ts";
import { type ChangeSetting, useAddress } from "./use-address.ts";
import { type Simulation, useSimulation } from "./use-simulation.ts";

const noRuns: readonly AppRun[] = [];

export interface Places {
  samples: number[];
  noise: number[];
  ranks: number[];
  /** Places of simulated means: yours, along n, along σ. */
  simulated: { samples: number[]; noise: number[] };
}

export interface TheoryModel {
  search: TheorySearch;
  change: ChangeSetting;
  setting: Setting;
  spectrum: readonly number[];
  places: Places;
  runs: readonly AppRun[];
  feed: { run: AppRun | undefined; spectrum: MeasuredSpectrum | undefined; error: unknown } | undefined;
  risk: RiskDocument | undefined;
  samples: TheorySweep | undefined;
  noise: TheorySweep | undefined;
  /** Risk against rank at half and twice the noise. */
  rank: TheorySweep | undefined;
  advice: AdviceDocument | undefined;
  /** null: no sweep is measured. */
  measured: MeasuredOrder | null | undefined;
  simulation: Simulation;
  /** Values of the last setting are shown while those of the new one are on their way. */
  stale: boolean;
  error: unknown;
  retry: () => void;
}

export function useTheory(): TheoryModel {
  const engine = useEngine();
  const [search, change] = useAddress();
  const setting = useSetting(search);
  const runs = useQuery(runsQuery(engine)).data ?? noRuns;
  const [run, module] = splitFeed(search.feed);
  const fed = useQuery(measuredSpectrumQuery(engine, run, module));
  const spectrum = useMemo(
    () => spectrumOf(setting, run === undefined ? undefined : fed.data),
    [setting, run, fed.data],
  );
  const places = useMemo(() => placesOf(setting), [setting]);
  const answers = useAnswers(setting, spectrum, places, run);
  return {
    search,
    change,
    setting,
    spectrum,
    places,
    runs,
    feed:
      run === undefined ? undefined : { run: runs.find(({ id }) => id === run), spectrum: fed.data, error: fed.error },
    ...answers,
    simulation: useSimulation(useMemo(() => simulationOf(setting, spectrum, places), [setting, spectrum, places])),
  };
}

/** One object per set of values: the address is parsed anew for every change of the frame. */
function useSetting(search: TheorySearch): Setting {
  const key = JSON.stringify(settingOf(search));
  return useMemo(() => JSON.parse(key) as Setting, [key]);
}

function splitFeed(feed: string | undefined): [string | undefined, string | undefined] {
  if (feed === undefined) return [undefined, undefined];
  const mark = feed.indexOf(":");
  return mark < 0 ? [feed, undefined] : [feed.slice(0, mark), feed.slice(mark + 1)];
}

function placesOf(setting: Setting): Places {
  return {
    samples: samplePlaces(setting),
    noise: noisePlaces(setting),
    ranks: rankPlaces(setting),
    simulated: { samples: simulatedSamples(setting), noise: simulatedNoise(setting) },
  };
}

function useAnswers(setting: Setting, spectrum: readonly number[], places: Places, feed: string | undefined) {
  const engine = useEngine();
  const asked = useMemo(() => questionsOf(setting, spectrum, places, feed), [setting, spectrum, places, feed]);
  const risk = useQuery(riskQuery(engine, asked.risk));
  const samples = useQuery(sweepQuery(engine, asked.samples));
  const noise = useQuery(sweepQuery(engine, asked.noise));
  const rank = useQuery(sweepQuery(engine, asked.rank));
  const advice = useQuery(adviceQuery(engine, asked.advice));
  const measured = useQuery(measuredOrderQuery(engine, asked.measured));
  const failed = [risk, samples, noise, rank].find(({ error }) => error !== null);
  return {
    risk: asked.risk && risk.data,
    samples: samples.data,
    noise: asked.noise && noise.data,
    rank: asked.rank && rank.data,
    advice: asked.advice && advice.data,
    measured: asked.measured && measured.data,
    stale: [risk, samples, noise, rank].some(({ isPlaceholderData }) => isPlaceholderData),
    error: failed?.error ?? null,
    retry: () => void failed?.refetch(),
  };
}

/** Where the expected risk is infinite only the curve along n has something to show. */
const noQuestions = { risk: undefined, noise: undefined, rank: undefined, advice: undefined, measured: undefined };

function questionsOf(setting: Setting, spectrum: readonly number[], places: Places, feed: string | undefined) {
  const { n, d, k, noise: sigma } = setting;
  const delta = shiftOf(spectrum);
  const ranks = [...setting.ranks];
  const here = { k, d, n, sigma, delta };
  const samples = { ...here, ranks, axis: "n" as const, x: places.samples };
  if (isInfinite(setting)) return { ...noQuestions, samples };
  return {
    samples,
    risk: { ...here, ranks: askedRanks(setting) },
    noise: { ...here, ranks, axis: "sigma" as const, x: places.noise },
    rank: { ...here, ranks: places.ranks, axis: "sigma" as const, x: [sigma / 2, sigma * 2] },
    // E = k, so ρ = kσ²/E = σ².
    advice: { source: { spectrum: [...spectrum], k, d, tau: 0 }, n, rho: sigma ** 2 },
    measured: { setting: here, ...(feed !== undefined && { run: feed }) },
  };
}

/** Yours first, then along n, then along σ. */
function simulationOf(setting: Setting, spectrum: readonly number[], places: Places): SimulationQuestion | undefined {
  const { n, d, k, noise: sigma, ranks, seeds } = setting;
  if (seeds === 0) return undefined;
  const own = isInfinite(setting) ? [] : [{ n, sigma }];
  const along = places.simulated.samples.map((at) => ({ n: at, sigma }));
  const noise = isInfinite(setting) ? [] : places.simulated.noise.map((at) => ({ n, sigma: at }));
  const points = [...own, ...along, ...noise];
  return { k, d, delta: shiftOf(spectrum), points, ranks: [...ranks], replicates: seeds, seed: 0 };
}
