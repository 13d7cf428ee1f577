//! Every case of these kinds in the golden file, at its tolerances.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{decay, intruder, metrics, noise, rounding, spike};
use crate::outcome::{Grid, RoundingSums};
use crate::rounding::step;

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../test/golden/theory-golden.json");

type Answer = BTreeMap<String, f64>;

struct Input<'a>(&'a Value);

impl Input<'_> {
    fn number(&self, name: &str) -> f64 {
        self.0[name].as_f64().unwrap_or_else(|| panic!("{name} is missing"))
    }

    fn count(&self, name: &str) -> usize {
        self.number(name) as usize
    }

    fn list(&self, name: &str) -> Vec<f64> {
        self.0[name].as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect()
    }
}

fn answer<const N: usize>(fields: [(&str, f64); N]) -> Answer {
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn ranks(input: &Input) -> Answer {
    let ranks = metrics::effective_ranks(&input.list("singular_values")).unwrap().unwrap();
    answer([
        ("stable_rank", ranks.stable),
        ("entropy_rank", ranks.entropy),
        ("entropy_rank_sq", ranks.entropy_of_squares),
        ("participation", ranks.participation),
        ("e50", ranks.energy_50 as f64),
        ("e90", ranks.energy_90 as f64),
        ("e95", ranks.energy_95 as f64),
        ("e99", ranks.energy_99 as f64),
    ])
}

fn tail_energy(input: &Input) -> Answer {
    let (decay, scale, r) = (input.number("decay"), input.number("scale"), input.count("r"));
    let value = |index: usize| match input.0["kind"].as_str().unwrap() {
        "exp" => scale * (-decay * index as f64).exp(),
        "pow" => scale * (index as f64 + 1.0).powf(-decay),
        other => panic!("{other}"),
    };
    let values: Vec<f64> = (0..input.count("count")).map(value).collect();
    let curve = metrics::energy_curve(&values).unwrap().unwrap();
    answer([("tail", metrics::tail_energy(&values, r).unwrap()), ("E_r", curve[r - 1])])
}

fn power_fit(input: &Input) -> Answer {
    let fit = decay::power_fit(&input.list("singular_values"), input.count("hi")).unwrap().unwrap();
    answer([
        ("p", fit.exponent),
        ("r2", fit.r_squared),
        ("lam", fit.rate),
        ("r2_exp", fit.r_squared_exponential),
        ("p_min", fit.exponent_minimum),
        ("p_max", fit.exponent_maximum),
    ])
}

fn noise_reference(input: &Input) -> Answer {
    let reference = noise::noise_reference(input.number("beta")).unwrap();
    answer([
        ("stable", reference.stable),
        ("entropy", reference.entropy),
        ("participation", reference.participation),
        ("e50", reference.energy_50),
        ("e90", reference.energy_90),
        ("e99", reference.energy_99),
    ])
}

fn edge(input: &Input) -> Answer {
    let edge = noise::noise_edge(input.count("m"), input.count("n"), input.number("tau")).unwrap();
    answer([("naive", edge.naive), ("q50", edge.q50), ("q95", edge.q95), ("q99", edge.q99)])
}

fn rounded(input: &Input) -> Answer {
    let update = rounding::rounded_update(input.number("t")).unwrap();
    answer([
        ("second_moment", update.second_moment),
        ("gain", update.gain),
        ("zero_share", update.zero_share),
        ("noise", update.noise),
    ])
}

fn rounding_floor(input: &Input) -> Answer {
    let square = |value: &Value| step(value.as_f64().unwrap(), Grid::Bf16).powi(2);
    let rows: Vec<Vec<f64>> = input.0["W"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row.as_array().unwrap().iter().map(square).collect())
        .collect();
    let row_sums: Vec<f64> = rows.iter().map(|row| row.iter().sum()).collect();
    let columns = (0..rows[0].len()).map(|column| rows.iter().map(|row| row[column]).sum());
    let floor = rounding::rounding_floor(&RoundingSums {
        equal: 0,
        total: (rows.len() * rows[0].len()) as u64,
        step_squares: row_sums.iter().sum(),
        row_maximum: row_sums.iter().copied().fold(0.0, f64::max),
        column_maximum: columns.fold(0.0, f64::max),
        within_half_step: false,
        base_on_grid: false,
        tuned_on_grid: false,
    });
    let floor = floor.unwrap();
    answer([
        ("frobenius", floor.frobenius),
        ("std", floor.deviation),
        ("row_max", floor.row_maximum),
        ("col_max", floor.column_maximum),
    ])
}

fn intruder_null(input: &Input, expected: &Value) -> Answer {
    let (m, q) = (input.count("m"), input.count("q"));
    let null = intruder::intruder_null(m, q).unwrap();
    let mut answer = answer([("mean", null.mean), ("q95", null.q95), ("q99", null.q99), ("q999", null.q999)]);
    for c in expected["p_at"].as_object().unwrap().keys() {
        let probability = intruder::intruder_probability(m, q, c.parse().unwrap()).unwrap();
        answer.insert(format!("p_at.{c}"), probability);
    }
    answer
}

fn subspace_null(input: &Input) -> Answer {
    let null = intruder::subspace_null(input.count("m"), input.count("K")).unwrap();
    answer([("mean", null.mean), ("q99", null.q99), ("q999", null.q999)])
}

fn spike_on_noise(input: &Input) -> Answer {
    let spike =
        spike::spike_on_noise(input.number("s"), input.number("w"), input.count("m"), input.count("n")).unwrap();
    answer([("s_crit", spike.critical), ("y", spike.value), ("cu2", spike.left), ("cv2", spike.right)])
}

fn on_base(kind: &str, input: &Input) -> Answer {
    let (base, m, n) = (input.list("base"), input.count("m"), input.count("n"));
    match kind {
        "intruder_critical" => {
            answer([("s_crit", spike::critical_strength(&base, m, n, input.count("k")).unwrap().unwrap())])
        }
        "intruder_general" => {
            let spike = spike::spike_on_base(&base, m, n, input.number("s")).unwrap();
            answer([("y", spike.value), ("cu2", spike.left), ("cv2", spike.right), ("max_cos", spike.best_cosine)])
        }
        _ => {
            let loss = spike::rotation_loss(&base, m, n, input.number("tau"), input.count("index"));
            answer([("loss", loss.unwrap().unwrap())])
        }
    }
}

fn denoise(input: &Input) -> Answer {
    let (rows, columns) = (input.count("k"), input.count("d"));
    let denoised = noise::denoise(&input.list("singular_values"), rows, columns, input.number("tau")).unwrap();
    let mut answer = answer([("edge", denoised.edge), ("kept", denoised.values.len() as f64)]);
    answer.extend(denoised.values.iter().enumerate().map(|(index, value)| (format!("values.{index}"), *value)));
    answer
}

/// The answer of this crate to a case; `None` for kinds that live elsewhere.
fn solve(kind: &str, input: &Input, expected: &Value) -> Option<Answer> {
    Some(match kind {
        "metrics" => ranks(input),
        "tail_energy" => tail_energy(input),
        "power_fit" => power_fit(input),
        "noise_reference" => noise_reference(input),
        "mp_edge" => edge(input),
        "bf16_ulp" => answer([("ulp", step(input.number("w"), Grid::Bf16))]),
        "rounding" => rounded(input),
        "rounding_floor" => rounding_floor(input),
        "intruder_null" => intruder_null(input, expected),
        "subspace_null" => subspace_null(input),
        "bbp" => spike_on_noise(input),
        "intruder_critical" | "intruder_general" | "rotation_loss" => on_base(kind, input),
        "denoise" => denoise(input),
        _ => return None,
    })
}

/// Numbers of a nested answer under dotted names.
fn flatten(prefix: &str, value: &Value, out: &mut Answer) {
    let join = |name: &str| if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") };
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| flatten(&join(name), value, out)),
        Value::Array(values) => {
            values.iter().enumerate().for_each(|(index, value)| flatten(&join(&index.to_string()), value, out));
        }
        number => {
            out.insert(prefix.to_owned(), number.as_f64().unwrap());
        }
    }
}

#[test]
fn every_case_of_the_golden_file_within_its_tolerance() {
    let text = std::fs::read_to_string(GOLDEN).unwrap();
    let golden: Value = serde_json::from_str(&text).unwrap();
    let (mut checked, mut failures) = (0, Vec::new());
    for case in golden["cases"].as_array().unwrap() {
        let (kind, tolerance) = (case["kind"].as_str().unwrap(), Input(case));
        let Some(found) = solve(kind, &Input(&case["in"]), &case["out"]) else { continue };
        checked += 1;
        let mut expected = Answer::new();
        flatten("", &case["out"], &mut expected);
        assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>(), "{}", case["id"]);
        for (name, wanted) in expected {
            let allowed = tolerance.number("atol") + tolerance.number("rtol") * wanted.abs();
            let difference = (found[&name] - wanted).abs();
            if difference.is_nan() || difference > allowed {
                failures.push(format!("{} {name}: {} for {wanted}", case["id"], found[&name]));
            }
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
    assert_eq!(checked, 58, "cases of these kinds went missing");
}
