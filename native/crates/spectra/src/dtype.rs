//! Element types: exact decoding of little-endian bytes to f64, and rounding back to a storage type.

use half::f16;

use crate::error::{Error, ErrorKind, Result};

/// The element types whose values this crate can compute with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ElementType {
    /// IEEE double.
    F64,
    /// IEEE single.
    F32,
    /// IEEE half: 11 significant bits.
    F16,
    /// bfloat16: the upper half of a single.
    Bf16,
    /// 8 bits, 4 of exponent, no infinities (OCP "E4M3FN"); 0x7f and 0xff are NaN.
    F8E4M3,
    /// 8 bits, 5 of exponent, with infinities (OCP "E5M2").
    F8E5M2,
    /// Scales only: powers of two, 2^(byte − 127) (OCP "E8M0"); 0xff is NaN.
    F8E8M0,
    /// Positions only, never weights.
    I64,
    /// Positions only.
    I32,
    /// Positions only.
    I16,
    /// Positions only.
    U8,
}

impl ElementType {
    /// The type of that name in a safetensors header.
    ///
    /// # Errors
    /// [`ErrorKind::DtypeUnsupported`] for every other type of the format (integers, packed types, `FNUZ`…).
    pub fn parse(name: &str) -> Result<Self> {
        match name {
            "F64" => Ok(Self::F64),
            "F32" => Ok(Self::F32),
            "F16" => Ok(Self::F16),
            "BF16" => Ok(Self::Bf16),
            "F8_E4M3" => Ok(Self::F8E4M3),
            "F8_E5M2" => Ok(Self::F8E5M2),
            _ => Err(Error::new(
                ErrorKind::DtypeUnsupported,
                format!("element type {name:?} holds no values this program can compute with"),
            )),
        }
    }

    /// As [`ElementType::parse`], and the powers of two that scales may be stored in.
    ///
    /// # Errors
    /// [`ErrorKind::DtypeUnsupported`] for every other type.
    pub fn parse_scale(name: &str) -> Result<Self> {
        if name == "F8_E8M0" { Ok(Self::F8E8M0) } else { Self::parse(name) }
    }

    /// As [`ElementType::parse`], and the integers that adapters store positions in.
    ///
    /// # Errors
    /// [`ErrorKind::DtypeUnsupported`] for every other type.
    pub fn parse_position(name: &str) -> Result<Self> {
        match name {
            "I64" => Ok(Self::I64),
            "I32" => Ok(Self::I32),
            "I16" => Ok(Self::I16),
            "U8" => Ok(Self::U8),
            other => Self::parse(other),
        }
    }

    /// Name in a safetensors header.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::F64 => "F64",
            Self::F32 => "F32",
            Self::F16 => "F16",
            Self::Bf16 => "BF16",
            Self::F8E4M3 => "F8_E4M3",
            Self::F8E5M2 => "F8_E5M2",
            Self::F8E8M0 => "F8_E8M0",
            Self::I64 => "I64",
            Self::I32 => "I32",
            Self::I16 => "I16",
            Self::U8 => "U8",
        }
    }

    /// Bytes of one element.
    #[must_use]
    pub fn size(self) -> usize {
        match self {
            Self::F64 | Self::I64 => 8,
            Self::F32 | Self::I32 => 4,
            Self::F16 | Self::Bf16 | Self::I16 => 2,
            Self::F8E4M3 | Self::F8E5M2 | Self::F8E8M0 | Self::U8 => 1,
        }
    }

    /// Decodes `bytes` (length `out.len() * size()`) exactly, but for 64-bit integers above 2⁵³, which are rounded;
    /// NaN and infinities stay what they are.
    ///
    /// # Panics
    /// When the lengths do not fit together: a bug of the caller, never of a file.
    pub fn decode(self, bytes: &[u8], out: &mut [f64]) {
        assert_eq!(bytes.len(), out.len() * self.size(), "bytes and elements must have the same count");
        match self {
            Self::F64 => each(bytes, out, f64::from_le_bytes),
            Self::F32 => each(bytes, out, |four| f64::from(f32::from_le_bytes(four))),
            Self::F16 => each(bytes, out, |two| f64::from(half_to_single(u16::from_le_bytes(two)))),
            Self::Bf16 => each(bytes, out, |two| f64::from(f32::from_bits(u32::from(u16::from_le_bytes(two)) << 16))),
            Self::F8E4M3 => each(bytes, out, |[byte]| E4M3_VALUES[usize::from(byte)]),
            Self::F8E5M2 => each(bytes, out, |[byte]| E5M2_VALUES[usize::from(byte)]),
            Self::F8E8M0 => each(bytes, out, |[byte]| power_of_two(byte)),
            Self::I64 => each(bytes, out, |eight| i64::from_le_bytes(eight) as f64),
            Self::I32 => each(bytes, out, |four| f64::from(i32::from_le_bytes(four))),
            Self::I16 => each(bytes, out, |two| f64::from(i16::from_le_bytes(two))),
            Self::U8 => each(bytes, out, |[byte]| f64::from(byte)),
        }
    }

    /// Whether every value of this type is an f32.
    #[must_use]
    pub fn fits_single(self) -> bool {
        !matches!(self, Self::F64 | Self::I64 | Self::I32)
    }

    /// As [`ElementType::decode`], to f32: exact where [`ElementType::fits_single`], rounded elsewhere.
    ///
    /// # Panics
    /// When the lengths do not fit together: a bug of the caller, never of a file.
    pub fn decode_singles(self, bytes: &[u8], out: &mut [f32]) {
        assert_eq!(bytes.len(), out.len() * self.size(), "bytes and elements must have the same count");
        match self {
            Self::F64 => each(bytes, out, |eight| f64::from_le_bytes(eight) as f32),
            Self::F32 => each(bytes, out, f32::from_le_bytes),
            Self::F16 => each(bytes, out, |two| half_to_single(u16::from_le_bytes(two))),
            Self::Bf16 => each(bytes, out, |two| f32::from_bits(u32::from(u16::from_le_bytes(two)) << 16)),
            Self::F8E4M3 => each(bytes, out, |[byte]| E4M3_VALUES[usize::from(byte)] as f32),
            Self::F8E5M2 => each(bytes, out, |[byte]| E5M2_VALUES[usize::from(byte)] as f32),
            Self::F8E8M0 => each(bytes, out, |[byte]| power_of_two(byte) as f32),
            Self::I64 => each(bytes, out, |eight| i64::from_le_bytes(eight) as f32),
            Self::I32 => each(bytes, out, |four| i32::from_le_bytes(four) as f32),
            Self::I16 => each(bytes, out, |two| f32::from(i16::from_le_bytes(two))),
            Self::U8 => each(bytes, out, |[byte]| f32::from(byte)),
        }
    }

    /// Rounds to the nearest value of this type, ties to even; too large becomes infinite. Appends to `out`.
    ///
    /// # Errors
    /// [`ErrorKind::DtypeUnsupported`] for the 8-bit floats, whose files need scales that nobody chose here, and for
    /// integers.
    pub fn encode(self, values: &[f64], out: &mut Vec<u8>) -> Result<()> {
        match self {
            Self::F64 => out.extend(values.iter().flat_map(|value| value.to_le_bytes())),
            Self::F32 => out.extend(values.iter().flat_map(|value| (*value as f32).to_le_bytes())),
            Self::F16 => out.extend(values.iter().flat_map(|value| to_half_bits(*value).to_le_bytes())),
            Self::Bf16 => out.extend(values.iter().flat_map(|value| to_bfloat_bits(*value).to_le_bytes())),
            _ => return Err(not_writable(self)),
        }
        Ok(())
    }

    /// Replaces every value by the nearest one of this type.
    ///
    /// # Errors
    /// As [`ElementType::encode`].
    pub fn round(self, values: &mut [f64]) -> Result<()> {
        match self {
            Self::F64 => {}
            Self::F32 => values.iter_mut().for_each(|value| *value = f64::from(*value as f32)),
            Self::F16 => values.iter_mut().for_each(|value| *value = f64::from(half_to_single(to_half_bits(*value)))),
            Self::Bf16 => values.iter_mut().for_each(|value| {
                *value = f64::from(f32::from_bits(u32::from(to_bfloat_bits(*value)) << 16));
            }),
            _ => return Err(not_writable(self)),
        }
        Ok(())
    }
}

fn not_writable(element_type: ElementType) -> Error {
    Error::new(ErrorKind::DtypeUnsupported, format!("weights cannot be rounded to {}", element_type.name()))
}

/// One element after the other; with `N` known the compiler turns the simple decoders into vector code.
fn each<const N: usize, T>(bytes: &[u8], out: &mut [T], decode: impl Fn([u8; N]) -> T) {
    let (elements, _) = bytes.as_chunks::<N>();
    for (value, element) in out.iter_mut().zip(elements) {
        *value = decode(*element);
    }
}

/// Exact, without branches: the half's bits moved to a single's place are too small by 2¹¹², also when subnormal.
fn half_to_single(bits: u16) -> f32 {
    const SCALE: f32 = f32::from_bits((127 + 112) << 23);
    let magnitude = f32::from_bits(u32::from(bits & 0x7fff) << 13) * SCALE;
    let special = if magnitude >= 65536.0 { 0x7f80_0000 } else { 0 };
    f32::from_bits(magnitude.to_bits() | special | (u32::from(bits & 0x8000) << 16))
}

/// Rounds to single "to odd": a second rounding to at most 22 bits then gives what one rounding would give.
fn to_odd_single(value: f64) -> f32 {
    let nearest = value as f32;
    let back = f64::from(nearest);
    if back.to_bits() == value.to_bits() || value.is_nan() {
        return nearest;
    }
    let towards_zero = if back.abs() > value.abs() { nearest.to_bits() - 1 } else { nearest.to_bits() };
    f32::from_bits(towards_zero | 1)
}

fn to_half_bits(value: f64) -> u16 {
    f16::from_f32(to_odd_single(value)).to_bits()
}

fn to_bfloat_bits(value: f64) -> u16 {
    let bits = to_odd_single(value).to_bits();
    if value.is_nan() {
        return ((bits >> 16) | 0x40) as u16;
    }
    // Adding half a unit, less one when the kept part is even, carries exactly when rounding up is right.
    ((bits + 0x7fff + ((bits >> 16) & 1)) >> 16) as u16
}

/// 2^(byte − 127); every one of them is an f32, the smallest as a subnormal.
fn power_of_two(byte: u8) -> f64 {
    if byte == 0xff { f64::NAN } else { f64::from_bits((u64::from(byte) + 1023 - 127) << 52) }
}

static E4M3_VALUES: [f64; 256] = table(3);
static E5M2_VALUES: [f64; 256] = table(2);

/// All values of an 8-bit float with that many fraction bits (3: E4M3 without infinities, 2: E5M2 with them).
const fn table(fraction_bits: u32) -> [f64; 256] {
    let mut values = [0.0; 256];
    let mut byte = 0;
    while byte < 256 {
        values[byte] = small_float(byte as u32, fraction_bits);
        byte += 1;
    }
    values
}

const fn small_float(byte: u32, fraction_bits: u32) -> f64 {
    let exponent_maximum = (1 << (7 - fraction_bits)) - 1;
    let bias = exponent_maximum >> 1;
    let exponent = (byte & 0x7f) >> fraction_bits;
    let fraction = byte & ((1 << fraction_bits) - 1);
    let sign = if byte & 0x80 == 0 { 1.0 } else { -1.0 };
    let top = exponent == exponent_maximum;
    if (fraction_bits == 3 && top && fraction == 7) || (fraction_bits == 2 && top && fraction != 0) {
        return f64::NAN;
    }
    if fraction_bits == 2 && top {
        return sign * f64::INFINITY;
    }
    let (whole, power) = if exponent == 0 { (fraction, 1) } else { (fraction + (1 << fraction_bits), exponent) };
    // 2^(power - bias - fraction_bits), written through the exponent field because `powi` is not const.
    let scale = f64::from_bits(((1023 + power - bias - fraction_bits) as u64) << 52);
    sign * whole as f64 * scale
}

#[cfg(test)]
#[path = "dtype_tests.rs"]
mod tests;
