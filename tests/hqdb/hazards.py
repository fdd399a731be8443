"""Values on which tools that move data come to grief."""

from rows import Raw

# What a text column, a JSON string or a name may hold.
TEXTS = {
    "german": "Größenwahn: »Straße«, Übermaß, ẞ",
    "arabic": "سياسة الطاقة في ألمانيا ٢٠٢٥",
    "chinese": "德国能源政策：可再生能源与核电退出",
    "hebrew": "abc שלום 123 עולם (def)",
    "emoji": "👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 🇩🇪 ☢️",
    "four_bytes": "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𠜎𠜱 \U0010fffd",
    "combining": "e\u0301 n\u0303 a\u0308\u0323 Z\u0351\u036b\u0343",
    "composed": "\u00e9 \u00f1 \u1ea5",
    "decomposed": "e\u0301 n\u0303 a\u0302\u0301",
    "empty": "",
    "spaces": "  \t leading and trailing \u00a0 ",
    "null_words": "NULL",
    "null_mark": "\\N",
    "copy_end": "\\.",
    "quotes": "'single' \"double\" `back` \\back\\slash $$dollar$$ {brace}",
    "lines": "a\nb\r\nc\rd\u2028e\u2029f\u0085g\vh\fi",
    "controls": "".join(chr(i) for i in range(1, 32)) + "\x7f\u0080\u009f",
    "escape": "\x1b[31mred\x1b[0m \x1b]52;c;aGFja2Vk\x07 \x1b]0;title\x07 \u009b2J",
    "bidi": "invoice\u202efdp.exe\u202c \u2066isolated\u2069 \u200f\u200e\u061c",
    "invisible": "a\u200bb\u2060c\ufeffd\u00ade",
    "nonchars": "\ufffe\uffff\ufdd0\U0001ffff",
    "json_like": "{\"a\": [1, null, \"\\u0041\"]}",
    "escaped_nul": "\\u0000 is six characters here",
    "printf": "%s%n%d %% \\x41 {0} ${HOME}",
    "markup": "<script>alert(1)</script> &amp; ]]>",
}

# Numbers as text: none of them survives a double, or a printf of one.
NUMBERS = {
    "past_2_53": "9007199254740993",
    "int64_max": "9223372036854775807",
    "int64_min": "-9223372036854775808",
    "past_int64": "123456789012345678901234567890",
    "tiny": "1e-300",
    "subnormal": "5e-324",
    "huge": "1.5e300",
    "past_double": "1e400",
    "exact": "1.10",
    "trailing_zeros": "100.000",
    "long_decimal": "3.14159265358979323846264338327950288419716939937510",
    "tenth": "0.1",
    "minus_zero": "-0.0",
}

# JSON that only the type json keeps as it is.
JSON_ONLY = {
    "duplicate_keys": '{"a": 1, "a": 2, "b": {"c": null, "c": []}}',
    "nul": '"before\\u0000after"',
    "nul_key": '{"k\\u0000": 1}',
    "lone_surrogate": '"\\ud800 and \\udc00"',
    "escapes": '"\\/\\u00e9\\u2028\\ud83d\\ude00\\b\\f\\n\\r\\t\\"\\\\"',
    "raw_lines": '{\r\n\t"a" :\n[ 1 ,\n2 ]\n}',
    "exponent": "[1E5, 1e+5, 1.0e-0, -0, 0.0e10]",
    "deep": "[" * 200 + "]" * 200,
    "raw_line_separator": '"\u2028\u2029"',
}

JSON_ONLY_TREE = {name: Raw(text) for name, text in JSON_ONLY.items()}
NUMBER_TREE = {name: Raw(text) for name, text in NUMBERS.items()}

TIMESTAMPS = (
    "0044-03-15 12:00:00 BC", "4713-01-01 00:00:00 BC", "infinity", "-infinity",
    "294276-12-31 23:59:59.999999", "1969-12-31 23:59:59.999999", "2024-02-29 23:59:59",
    "0001-01-01 00:00:00", "10000-01-01 00:00:00.000001",
)

FLOATS = ("NaN", "Infinity", "-Infinity", "1e-300", "5e-324", "1.7976931348623157e+308", "0.1",
          "-0", "0.30000000000000004", "9007199254740993")
