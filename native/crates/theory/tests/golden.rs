//! Every case of the golden file, at its tolerance.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;

use serde_json::Value;
use theory::Control;
use theory::questions::{Context, answer};

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../test/golden/theory-golden.json");

fn ask(case: &Value) -> Value {
    let context = Context { control: Control::SINGLE, done: &AtomicU64::new(0) };
    answer(case["kind"].as_str().unwrap(), &case["in"], &context)
        .unwrap_or_else(|error| panic!("{}: {error}", case["id"]))
}

/// Numbers under dotted names; texts and truth values as they are.
fn flatten(prefix: &str, value: &Value, out: &mut BTreeMap<String, Value>) {
    let join = |name: &str| if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") };
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| flatten(&join(name), value, out)),
        Value::Array(values) => {
            values.iter().enumerate().for_each(|(index, value)| flatten(&join(&index.to_string()), value, out));
        }
        other => {
            out.insert(prefix.to_owned(), other.clone());
        }
    }
}

fn cases() -> Vec<Value> {
    let golden: Value = serde_json::from_str(&std::fs::read_to_string(GOLDEN).unwrap()).unwrap();
    golden["cases"].as_array().unwrap().clone()
}

fn is_sampled(case: &Value) -> bool {
    matches!(case["kind"].as_str(), Some("simulate" | "figure"))
}

#[test]
fn closed_forms_within_their_tolerance() {
    let (mut checked, mut failures) = (0, Vec::new());
    for case in cases().iter().filter(|case| !is_sampled(case)) {
        checked += 1;
        let (mut found, mut wanted) = (BTreeMap::new(), BTreeMap::new());
        flatten("", &ask(case), &mut found);
        flatten("", &case["out"], &mut wanted);
        let number = |name: &str| case[name].as_f64().unwrap();
        for (name, wanted) in wanted {
            let Some(got) = found.get(&name) else {
                failures.push(format!("{} {name} is missing", case["id"]));
                continue;
            };
            let close = match (got.as_f64(), wanted.as_f64()) {
                (Some(got), Some(wanted)) => (got - wanted).abs() <= number("atol") + number("rtol") * wanted.abs(),
                _ => *got == wanted,
            };
            if !close {
                failures.push(format!("{} {name}: {got} for {wanted}", case["id"]));
            }
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
    assert_eq!(checked, 115, "cases of these kinds went missing");
}

#[test]
fn simulated_means_within_their_errors() {
    let mut failures = Vec::new();
    for case in cases().iter().filter(|case| case["kind"] == "simulate") {
        let found = ask(case);
        let replicates = case["in"]["replicates"].as_f64().unwrap();
        let theirs = case["out"]["replicates"].as_f64().unwrap();
        let z = case["z"].as_f64().unwrap();
        let mut check = |name: &str, got: &Value, wanted: &Value| {
            let sd = wanted["sd"].as_f64().unwrap();
            let allowed = z * sd * (1.0 / replicates + 1.0 / theirs).sqrt();
            let difference = got["mean"].as_f64().unwrap() - wanted["mean"].as_f64().unwrap();
            if difference.abs() > allowed {
                failures.push(format!("{} {name}: off by {difference}, {allowed} are allowed", case["id"]));
            }
        };
        check("fft", &found["fft"], &case["out"]["fft"]);
        for (rank, wanted) in case["out"]["lora"].as_object().unwrap() {
            check(rank, &found["lora"][rank], wanted);
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

#[test]
fn figures_have_the_crossovers_that_they_should() {
    for case in cases().iter().filter(|case| case["kind"] == "figure") {
        let found = ask(case);
        let replicates = case["in"]["replicates"].as_f64().unwrap();
        let z = case["z"].as_f64().unwrap();
        let list = |value: &Value| value["crossovers"].as_array().unwrap().clone();
        let near = |one: &Value, other: &Value| {
            let listed = if one["se"].is_null() || one.get("optional").is_none() && other.get("optional").is_some() {
                other
            } else {
                one
            };
            let width = z * listed["se"].as_f64().unwrap() * (1.0 + 400.0 / replicates).sqrt();
            one["r"] == other["r"] && (one["x"].as_f64().unwrap() - other["x"].as_f64().unwrap()).abs() <= width
        };
        let (found, wanted) = (list(&found), list(&case["out"]));
        for crossover in &wanted {
            let optional = crossover["optional"] == true;
            assert!(
                optional || found.iter().any(|other| near(crossover, other)),
                "{}: {crossover} not in {found:?}",
                case["id"]
            );
        }
        for crossover in &found {
            assert!(wanted.iter().any(|other| near(other, crossover)), "{}: {crossover} is not listed", case["id"]);
        }
    }
}
