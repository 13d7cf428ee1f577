/** Version 1: analyses with their modules and vectors, and the runs that asked for them. */

/**
 * No primary keys on `module` and `vector`: one writer deletes and inserts in one transaction, so a key is unique
 * without the index that DuckDB would load at every start.
 */
export const statements: readonly string[] = [
  `CREATE TABLE analysis (
    id VARCHAR NOT NULL, label VARCHAR NOT NULL, kind VARCHAR NOT NULL, path VARCHAR NOT NULL,
    fingerprint VARCHAR NOT NULL, base VARCHAR NOT NULL, base_fingerprint VARCHAR NOT NULL,
    adapter VARCHAR, settings VARCHAR NOT NULL, pairing VARCHAR NOT NULL, engine_version VARCHAR NOT NULL
  )`,
  `CREATE TABLE module (
    analysis VARCHAR NOT NULL, name VARCHAR NOT NULL, layer INTEGER, kind VARCHAR NOT NULL, "group" VARCHAR NOT NULL,
    expert INTEGER, shape_out BIGINT NOT NULL, shape_in BIGINT NOT NULL, status VARCHAR NOT NULL,
    error_code VARCHAR, error_message VARCHAR, error_where VARCHAR, error_retryable BOOLEAN, error_tip VARCHAR,
    delta_frobenius DOUBLE, delta_spectral DOUBLE, delta_relative DOUBLE, delta_method VARCHAR,
    delta_resolution DOUBLE, delta_singular_values DOUBLE[],
    effective_rank_stable DOUBLE, effective_rank_entropy DOUBLE, effective_rank_participation DOUBLE,
    effective_rank_energy50 DOUBLE, effective_rank_energy90 DOUBLE, effective_rank_energy95 DOUBLE,
    effective_rank_energy99 DOUBLE,
    decay_law VARCHAR, decay_exponent DOUBLE, decay_exponent_low DOUBLE, decay_exponent_high DOUBLE,
    decay_rate DOUBLE, decay_r2_power DOUBLE, decay_r2_exponential DOUBLE, decay_kept BIGINT,
    noise_reference_stable DOUBLE, noise_reference_entropy DOUBLE, noise_reference_participation DOUBLE,
    noise_reference_energy50 DOUBLE, noise_reference_energy90 DOUBLE, noise_reference_energy99 DOUBLE,
    rounding_floor_frobenius DOUBLE, rounding_edge DOUBLE, rounding_safe_edge DOUBLE,
    rounding_unchanged_share DOUBLE, rounding_above_edge BIGINT, rounding_signal_share DOUBLE,
    rounding_kept_signal DOUBLE, rounding_verdict VARCHAR,
    base_frobenius DOUBLE, base_singular_values DOUBLE[], base_residuals DOUBLE[],
    tuned_frobenius DOUBLE, tuned_singular_values DOUBLE[], tuned_residuals DOUBLE[],
    intruders BIGINT, intruder_energy DOUBLE, undecided BIGINT,
    decision_method VARCHAR, decision_steps BIGINT, decision_degenerate BOOLEAN, decision_climbed VARCHAR[],
    pressure DOUBLE, critical_strength DOUBLE, seconds DOUBLE NOT NULL,
    vectors VARCHAR, sides VARCHAR NOT NULL
  )`,
  `CREATE TABLE vector (
    analysis VARCHAR NOT NULL, name VARCHAR NOT NULL, layer INTEGER, kind VARCHAR NOT NULL, length BIGINT NOT NULL,
    frobenius DOUBLE NOT NULL, relative DOUBLE, unchanged_share DOUBLE
  )`,
  `CREATE TABLE run (
    id VARCHAR NOT NULL, started_at VARCHAR NOT NULL, finished_at VARCHAR, seconds DOUBLE, state VARCHAR NOT NULL,
    threads INTEGER NOT NULL, embeddings BOOLEAN NOT NULL, reused BIGINT NOT NULL, computed BIGINT NOT NULL,
    base VARCHAR NOT NULL, settings VARCHAR NOT NULL, failures VARCHAR NOT NULL, alerts VARCHAR NOT NULL
  )`,
  `CREATE TABLE run_member (
    run VARCHAR NOT NULL, position INTEGER NOT NULL, analysis VARCHAR NOT NULL, label VARCHAR NOT NULL,
    path VARCHAR NOT NULL, modules VARCHAR[]
  )`,
  "CREATE TABLE overlap (first VARCHAR NOT NULL, second VARCHAR NOT NULL, modules VARCHAR NOT NULL)",
];
