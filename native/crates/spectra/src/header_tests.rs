use std::fmt::Write as _;
use std::time::{Duration, Instant};

use super::*;

/// Length field, JSON, then that many bytes of data.
fn file(json: &str, data: usize) -> Vec<u8> {
    let mut bytes = (json.len() as u64).to_le_bytes().to_vec();
    bytes.extend_from_slice(json.as_bytes());
    bytes.resize(bytes.len() + data, 0);
    bytes
}

fn parse_all(bytes: &[u8]) -> Result<Header> {
    parse(bytes, bytes.len() as u64)
}

fn entry(name: &str, dtype: &str, shape: &str, begin: u64, end: u64) -> String {
    format!(r#""{name}":{{"dtype":"{dtype}","shape":{shape},"data_offsets":[{begin},{end}]}}"#)
}

#[test]
fn a_valid_table_is_returned_in_file_order_with_absolute_ranges() {
    let json = format!(
        r#"{{"__metadata__":{{"format":"pt"}},{},{},{}}}"#,
        entry("b", "BF16", "[2,3]", 4, 16),
        entry("a", "F32", "[]", 0, 4),
        entry("empty", "I64", "[0,7]", 16, 16),
    );
    let bytes = file(&json, 16);
    let header = parse_all(&bytes).unwrap();
    let start = 8 + json.len() as u64;
    let rows: Vec<_> =
        header.tensors.iter().map(|row| (row.name.as_str(), row.dtype, row.begin - start, row.end - start)).collect();
    assert_eq!(rows, [("a", Dtype::F32, 0, 4), ("b", Dtype::BF16, 4, 16), ("empty", Dtype::I64, 16, 16)]);
    assert_eq!(header.tensors[1].shape, [2, 3]);
    assert_eq!(header.metadata["format"], "pt");
    assert_eq!(header.file_size, bytes.len() as u64);
}

#[test]
fn padding_and_an_empty_table_are_fine() {
    for json in ["{}", "{}      ", "\n {}", r#"{"__metadata__":null}"#] {
        assert_eq!(parse_all(&file(json, 0)).unwrap().tensors, []);
    }
}

/// One attack: what it tries, the bytes, the kind of the refusal and words its message must contain.
#[derive(Clone)]
struct Attack(&'static str, Vec<u8>, ErrorKind, &'static str);

fn table(entries: &[String], data: usize) -> Vec<u8> {
    file(&format!("{{{}}}", entries.join(",")), data)
}

fn with_length_field(length: u64, rest: &[u8]) -> Vec<u8> {
    [&length.to_le_bytes()[..], rest].concat()
}

fn attacks_on_the_frame() -> Vec<Attack> {
    use ErrorKind::{HeaderInvalid, Truncated};
    let mut cut = file("{}", 0);
    cut.pop();
    let mut bad_text = file(r#"{"a":1}"#, 0);
    bad_text[10] = 0xff;
    vec![
        Attack("no bytes", vec![], Truncated, "0 bytes"),
        Attack("seven bytes", vec![0; 7], Truncated, "7 bytes"),
        Attack("length field only, header missing", with_length_field(2, b""), Truncated, "claims 2"),
        Attack("largest length field", with_length_field(u64::MAX, b"{}"), HeaderInvalid, "18446744073709551615"),
        Attack("length field wraps with 8", with_length_field(u64::MAX - 7, b"{}"), HeaderInvalid, "limit"),
        Attack("length one above the limit", with_length_field(100_000_001, b"{}"), HeaderInvalid, "100000001"),
        Attack("length at the limit in a small file", with_length_field(100_000_000, b"{}"), Truncated, "claims"),
        Attack("one byte short", cut, Truncated, "claims 2"),
        Attack("header of length zero", with_length_field(0, b""), HeaderInvalid, "header"),
        Attack("bytes that are no UTF-8", bad_text, HeaderInvalid, "UTF-8 at byte 10"),
        Attack("no JSON", file("hello", 0), HeaderInvalid, "header"),
        Attack("a list", file("[]", 0), HeaderInvalid, "object"),
        Attack("text after the object", file("{} {}", 0), HeaderInvalid, "trailing"),
        Attack("a pickle", file("\u{0}\u{1}cos\nsystem", 0), HeaderInvalid, "header"),
        Attack("deep nesting", file(&"[".repeat(1_000_000), 0), HeaderInvalid, "header"),
        Attack("deep objects", file(&r#"{"a":"#.repeat(200_000), 0), HeaderInvalid, "tensor"),
        Attack(
            "deep nesting inside a field nobody reads",
            file(&format!(r#"{{"a":{{"x":{}}}}}"#, "[".repeat(500_000)), 0),
            HeaderInvalid,
            "tensor",
        ),
    ]
}

fn attacks_on_ranges() -> Vec<Attack> {
    use ErrorKind::{HeaderInvalid, Truncated};
    vec![
        Attack(
            "overlap",
            table(&[entry("a", "U8", "[4]", 0, 4), entry("b", "U8", "[4]", 2, 6)], 6),
            HeaderInvalid,
            r#""b" starts at byte 2 of the data and overlaps"#,
        ),
        Attack(
            "two names for one range",
            table(&[entry("a", "U8", "[4]", 0, 4), entry("b", "U8", "[4]", 0, 4)], 4),
            HeaderInvalid,
            "overlaps",
        ),
        Attack("hole at the start", table(&[entry("a", "U8", "[4]", 2, 6)], 6), HeaderInvalid, "hole"),
        Attack(
            "hole in the middle",
            table(&[entry("a", "U8", "[4]", 0, 4), entry("b", "U8", "[2]", 6, 8)], 8),
            HeaderInvalid,
            r#""b" starts at byte 6 of the data and leaves a hole"#,
        ),
        Attack("surplus at the end", table(&[entry("a", "U8", "[4]", 0, 4)], 9), HeaderInvalid, "5 bytes after"),
        Attack("data without a table", file("{}", 3), HeaderInvalid, "3 bytes after"),
        Attack("file cut off", table(&[entry("a", "U8", "[4]", 0, 4)], 3), Truncated, r#""a" ends at byte 4 of 3"#),
        Attack("end before start", table(&[entry("a", "U8", "[0]", 4, 0)], 4), HeaderInvalid, "before its start 4"),
        Attack(
            "range beyond any file",
            table(&[entry("a", "U8", "[18446744073709551615]", 0, u64::MAX)], 4),
            HeaderInvalid,
            "larger than any file",
        ),
        Attack(
            "range near the end of numbers",
            table(&[entry("a", "U8", "[1]", u64::MAX - 1, u64::MAX)], 4),
            Truncated,
            "of 4 bytes",
        ),
        Attack(
            "negative offset",
            file(r#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[-1,0]}}"#, 0),
            HeaderInvalid,
            "tensor \"a\"",
        ),
        Attack(
            "offset with a fraction",
            file(r#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1.5]}}"#, 1),
            HeaderInvalid,
            "1.5",
        ),
        Attack(
            "three offsets",
            file(r#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1,2]}}"#, 1),
            HeaderInvalid,
            "a",
        ),
    ]
}

fn attacks_on_types() -> Vec<Attack> {
    use ErrorKind::HeaderInvalid;
    vec![
        Attack(
            "element type smaller than the range",
            table(&[entry("a", "U8", "[4]", 0, 8)], 8),
            HeaderInvalid,
            "32 bits",
        ),
        Attack(
            "element type larger than the range",
            table(&[entry("a", "F64", "[4]", 0, 16)], 16),
            HeaderInvalid,
            "256 bits",
        ),
        Attack("shape lies", table(&[entry("a", "BF16", "[2,3]", 0, 10)], 10), HeaderInvalid, "[2, 3] of BF16"),
        Attack(
            "product overflows",
            table(&[entry("a", "F32", "[4294967296,4294967296,4294967296]", 0, 4)], 4),
            HeaderInvalid,
            "larger than any file",
        ),
        Attack(
            "product wraps to the right size",
            table(&[entry("a", "U8", "[9223372036854775808,2,1]", 0, 0)], 0),
            HeaderInvalid,
            "larger than any file",
        ),
        Attack("half a byte", table(&[entry("a", "F4", "[3]", 0, 2)], 2), HeaderInvalid, "12 bits"),
        Attack("negative dimension", table(&[entry("a", "U8", "[-1]", 0, 1)], 1), HeaderInvalid, "-1"),
        Attack(
            "dimension beyond 64 bits",
            table(&[entry("a", "U8", "[18446744073709551616]", 0, 1)], 1),
            HeaderInvalid,
            "a",
        ),
        Attack(
            "too many dimensions",
            table(&[entry("a", "U8", "[1,1,1,1,1,1,1,1,1]", 0, 1)], 1),
            HeaderInvalid,
            "more than 8",
        ),
        Attack("a type nobody knows", table(&[entry("a", "F128", "[1]", 0, 16)], 16), HeaderInvalid, "F128"),
        Attack("type missing", file(r#"{"a":{"shape":[1],"data_offsets":[0,1]}}"#, 1), HeaderInvalid, "dtype"),
        Attack("a number for a tensor", file(r#"{"a":3}"#, 0), HeaderInvalid, "a"),
        Attack(
            "a field twice",
            file(r#"{"a":{"dtype":"U8","dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#, 1),
            HeaderInvalid,
            "duplicate",
        ),
    ]
}

fn attacks_on_names() -> Vec<Attack> {
    use ErrorKind::HeaderInvalid;
    let long = "n".repeat(NAME_BYTES_MAXIMUM + 1);
    vec![
        Attack(
            "one name twice",
            table(&[entry("w", "U8", "[4]", 0, 4), entry("w", "U8", "[4]", 4, 8)], 8),
            HeaderInvalid,
            r#"two tensors are named "w""#,
        ),
        Attack(
            "one name twice, once escaped",
            table(&[entry("w", "U8", "[4]", 0, 4), entry("\\u0077", "U8", "[4]", 4, 8)], 8),
            HeaderInvalid,
            r#"two tensors are named "w""#,
        ),
        Attack("a name beyond the limit", table(&[entry(&long, "U8", "[0]", 0, 0)], 0), HeaderInvalid, "1025 bytes"),
        Attack("metadata twice", file(r#"{"__metadata__":{},"__metadata__":{}}"#, 0), HeaderInvalid, "twice"),
        Attack("metadata that is no text", file(r#"{"__metadata__":{"a":1}}"#, 0), HeaderInvalid, "string"),
        Attack("a metadata key twice", file(r#"{"__metadata__":{"k":"1","k":"2"}}"#, 0), HeaderInvalid, "two texts"),
        Attack("half a surrogate in a name", table(&[entry("\\ud800", "U8", "[0]", 0, 0)], 0), HeaderInvalid, "header"),
    ]
}

#[test]
fn every_attack_is_refused_with_its_kind_and_its_words() {
    let all = [attacks_on_the_frame(), attacks_on_ranges(), attacks_on_types(), attacks_on_names()].concat();
    assert!(all.len() >= 25, "a table that lost its rows tests nothing");
    for Attack(idea, bytes, kind, words) in all {
        match parse_all(&bytes) {
            Ok(_) => panic!("{idea}: accepted"),
            Err(error) => {
                assert_eq!(error.kind, kind, "{idea}: {error}");
                assert!(error.message.replace('\\', "").contains(&words.replace('\\', "")), "{idea}: {error}");
                assert!(error.message.len() < 1000, "{idea}: a message of {} bytes", error.message.len());
            }
        }
    }
}

#[test]
fn limits_hold_exactly_at_their_boundary() {
    let longest = "n".repeat(NAME_BYTES_MAXIMUM);
    assert!(parse_all(&table(&[entry(&longest, "U8", "[0]", 0, 0)], 0)).is_ok());
    assert!(parse_all(&table(&[entry("a", "U8", "[1,1,1,1,1,1,1,1]", 0, 1)], 1)).is_ok());
    let at = many(TENSOR_COUNT_MAXIMUM, 0);
    assert_eq!(parse_all(&at).unwrap().tensors.len(), TENSOR_COUNT_MAXIMUM);
    let above = many(TENSOR_COUNT_MAXIMUM + 1, 0);
    assert!(parse_all(&above).unwrap_err().message.contains("more than 1000000 tensors"));
}

fn many(count: usize, size: usize) -> Vec<u8> {
    let mut json = String::from("{");
    for index in 0..count {
        let comma = if index == 0 { "" } else { "," };
        let (begin, end) = (index * size, (index + 1) * size);
        write!(json, r#"{comma}"{index}":{{"dtype":"U8","shape":[{size}],"data_offsets":[{begin},{end}]}}"#).unwrap();
    }
    json.push('}');
    file(&json, count * size)
}

#[test]
fn a_hundred_thousand_tensors_parse_quickly() {
    let bytes = many(100_000, 2);
    let start = Instant::now();
    assert_eq!(parse_all(&bytes).unwrap().tensors.len(), 100_000);
    let elapsed = start.elapsed();
    println!("100,000 tensors: {elapsed:?}");
    // The goal is 0.5 s; the test allows for a loaded machine and catches anything quadratic.
    assert!(elapsed < Duration::from_secs(3), "{elapsed:?}");
}

#[test]
fn files_that_cannot_be_read_say_so_and_name_the_path() {
    let directory = tempfile::tempdir().unwrap();
    for path in [directory.path().join("absent.safetensors"), directory.path().to_path_buf()] {
        let error = read(&path).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Unreadable);
        assert_eq!(error.place.as_deref(), Some(path.to_str().unwrap()));
    }
    let path = directory.path().join("one.safetensors");
    std::fs::write(&path, table(&[entry("a", "U8", "[4]", 0, 4)], 4)).unwrap();
    let header = read(&path).unwrap();
    assert_eq!(header.tensors.len(), 1);
    assert!(header.modified_nanoseconds > 0);
    std::fs::write(&path, with_length_field(u64::MAX, b"{}")).unwrap();
    assert_eq!(read(&path).unwrap_err().place.as_deref(), Some(path.to_str().unwrap()));
}
