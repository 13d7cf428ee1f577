#![allow(clippy::float_cmp)] // Decoding and rounding are exact or wrong.

use half::{bf16, f16};

use super::*;

fn decode_one(element_type: ElementType, bytes: &[u8]) -> f64 {
    let mut out = [0.0];
    element_type.decode(bytes, &mut out);
    out[0]
}

fn same(left: f64, right: f64) -> bool {
    left.to_bits() == right.to_bits() || (left.is_nan() && right.is_nan())
}

#[test]
fn every_half_and_bfloat_decodes_as_the_half_crate_does() {
    for bits in 0..=u16::MAX {
        let bytes = bits.to_le_bytes();
        assert!(same(decode_one(ElementType::F16, &bytes), f16::from_bits(bits).to_f64()), "f16 {bits:#06x}");
        assert!(same(decode_one(ElementType::Bf16, &bytes), bf16::from_bits(bits).to_f64()), "bf16 {bits:#06x}");
    }
}

#[test]
fn every_narrow_value_is_the_same_in_single_precision() {
    for bits in 0..=u16::MAX {
        for element_type in [ElementType::F16, ElementType::Bf16, ElementType::F8E4M3, ElementType::F8E5M2] {
            let bytes = &bits.to_le_bytes()[..element_type.size()];
            let mut single = [0.0_f32];
            element_type.decode_singles(bytes, &mut single);
            assert!(same(f64::from(single[0]), decode_one(element_type, bytes)), "{element_type:?} {bits:#06x}");
        }
    }
}

#[test]
fn every_half_and_bfloat_survives_a_round_trip() {
    for bits in 0..=u16::MAX {
        for element_type in [ElementType::F16, ElementType::Bf16] {
            let value = decode_one(element_type, &bits.to_le_bytes());
            let mut bytes = Vec::new();
            element_type.encode(&[value], &mut bytes).unwrap();
            assert!(same(decode_one(element_type, &bytes), value), "{element_type:?} {bits:#06x}");
        }
    }
}

#[test]
fn eight_bit_values_are_those_of_the_ocp_table() {
    let e4m3 = |byte: u8| decode_one(ElementType::F8E4M3, &[byte]);
    assert!(same(e4m3(0x00), 0.0) && same(e4m3(0x80), -0.0));
    assert!(same(e4m3(0x01), 2f64.powi(-9)) && same(e4m3(0x07), 0.875 * 2f64.powi(-6)));
    assert!(same(e4m3(0x08), 2f64.powi(-6)) && same(e4m3(0x38), 1.0) && same(e4m3(0x7e), 448.0));
    assert!(e4m3(0x7f).is_nan() && e4m3(0xff).is_nan());
    let e5m2 = |byte: u8| decode_one(ElementType::F8E5M2, &[byte]);
    assert!(same(e5m2(0x01), 2f64.powi(-16)) && same(e5m2(0x3c), 1.0) && same(e5m2(0x7b), 57344.0));
    assert!(same(e5m2(0x7c), f64::INFINITY) && same(e5m2(0xfc), f64::NEG_INFINITY) && e5m2(0x7d).is_nan());
    // E5M2 is the upper byte of a half.
    for byte in 0..=u8::MAX {
        assert!(same(e5m2(byte), f16::from_bits(u16::from(byte) << 8).to_f64()), "{byte:#04x}");
    }
}

/// Nearest value by trying both neighbours of the truncated one: slow and plain.
fn nearest_bfloat(value: f64) -> f64 {
    let truncated = ((value as f32).to_bits() >> 16) as u16;
    let mut best = f64::NAN;
    for bits in truncated.saturating_sub(1)..=truncated + 1 {
        let candidate = bf16::from_bits(bits).to_f64();
        let (new, old) = ((candidate - value).abs(), (best - value).abs());
        if best.is_nan() || new < old || (same(new, old) && bits % 2 == 0) {
            best = candidate;
        }
    }
    best
}

#[test]
fn rounding_is_to_nearest_with_ties_to_even_and_only_once() {
    // A tie broken only by a bit beyond single precision: rounding twice would give 1.0.
    let just_above = 1.0 + 2f64.powi(-8) + 2f64.powi(-40);
    let mut values = [just_above, 1.0 + 2f64.powi(-8), 1.0 + 3.0 * 2f64.powi(-8), -just_above];
    ElementType::Bf16.round(&mut values).unwrap();
    assert_eq!(values, [1.0 + 2f64.powi(-7), 1.0, 1.0 + 2f64.powi(-6), -1.0 - 2f64.powi(-7)]);
    let mut half = [1.0 + 2f64.powi(-11) + 2f64.powi(-45), 1.0 + 2f64.powi(-11), 70000.0, 2f64.powi(-26)];
    ElementType::F16.round(&mut half).unwrap();
    assert_eq!(half, [1.0 + 2f64.powi(-10), 1.0, f64::INFINITY, 0.0]);

    let mut state = 1u64;
    for _ in 0..20_000 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let value = ((state >> 11) as f64 / 2f64.powi(53) + 1e-9) * 0.05;
        let mut rounded = [value];
        ElementType::Bf16.round(&mut rounded).unwrap();
        assert!(same(rounded[0], nearest_bfloat(value)), "{value}");
    }
}

#[test]
fn integers_and_packed_types_are_refused_by_name() {
    for name in ["I8", "U8", "I32", "I64", "BOOL", "F4", "F8_E4M3FNUZ", "C64", "nonsense"] {
        let error = ElementType::parse(name).unwrap_err();
        assert_eq!(error.kind, ErrorKind::DtypeUnsupported);
        assert!(error.message.contains(name));
    }
    for element_type in [ElementType::F64, ElementType::F32, ElementType::F16, ElementType::Bf16] {
        assert_eq!(ElementType::parse(element_type.name()), Ok(element_type));
    }
    assert_eq!(ElementType::F8E4M3.round(&mut [1.0]).unwrap_err().kind, ErrorKind::DtypeUnsupported);
}

#[test]
fn scales_may_be_powers_of_two() {
    let scale = ElementType::parse_scale("F8_E8M0").unwrap();
    assert_eq!((scale.name(), scale.size()), ("F8_E8M0", 1));
    for byte in 0..=254u8 {
        let expected = 2f64.powi(i32::from(byte) - 127);
        assert!(same(decode_one(scale, &[byte]), expected));
        let mut single = [0.0];
        scale.decode_singles(&[byte], &mut single);
        assert!(same(f64::from(single[0]), expected));
    }
    assert!(decode_one(scale, &[255]).is_nan() && scale.fits_single());
    assert_eq!(ElementType::parse_scale("BF16"), Ok(ElementType::Bf16));
    assert!(ElementType::parse_scale("U8").is_err() && ElementType::parse("F8_E8M0").is_err());
}

#[test]
fn positions_are_whole_numbers_of_four_widths() {
    for (name, bytes, expected) in [
        ("U8", vec![200], 200.0),
        ("I16", (-3_i16).to_le_bytes().to_vec(), -3.0),
        ("I32", 70_000_i32.to_le_bytes().to_vec(), 70_000.0),
        ("I64", (1_i64 << 40).to_le_bytes().to_vec(), 2f64.powi(40)),
        ("F32", 5_f32.to_le_bytes().to_vec(), 5.0),
    ] {
        let element_type = ElementType::parse_position(name).unwrap();
        assert_eq!((element_type.name(), element_type.size()), (name, bytes.len()));
        assert!(same(decode_one(element_type, &bytes), expected));
        let mut single = [0.0];
        element_type.decode_singles(&bytes, &mut single);
        assert!(same(f64::from(single[0]), expected));
    }
    assert!(!ElementType::I32.fits_single() && ElementType::I16.fits_single());
    assert_eq!(ElementType::parse_position("BOOL").unwrap_err().kind, ErrorKind::DtypeUnsupported);
    assert_eq!(ElementType::I32.encode(&[1.0], &mut Vec::new()).unwrap_err().kind, ErrorKind::DtypeUnsupported);
}
