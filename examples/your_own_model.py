"""Put a model of your own beside those of the catalog, and your own prices in place of the list prices."""

import attrs

import llm_tradeoffs as lt

# Whatever you leave out is unknown. Unknown is not "no", and it is not $0.
ACME_ONE = lt.Model(
    "acme/one",
    name="Acme One",
    usd_per_mtok=("0.25", "1.25"),
    context_window=128_000,
    max_output_tokens=16_000,
    ttft="180-300 ms",
    output_tokens_per_second="60-80 tokens/s",
    supports_vision=False,
    scores={"mmlu": "74 %"},
)


def main() -> None:
    print(lt.compare("gpt-4.1-mini", ACME_ONE, workload="support-chatbot"), end="\n\n")

    # In a catalog it is a candidate like every other, and knows its source: you.
    catalog = lt.Catalog.bundled().with_model(ACME_ONE)
    answer = lt.recommend("support-chatbot", catalog=catalog)
    print(f"among {len(catalog)} models: {answer.chosen}")
    print(f"its input price: {catalog['acme/one'].sources['rates.standard.input_tokens']}")
    print(f"with images as well: {lt.recommend(with_images(), catalog=catalog).chosen}\n")

    # A negotiated price list replaces the whole published one: name every price that you use.
    negotiated = attrs.evolve(
        catalog["gpt-4.1-mini"],
        usd_per_mtok={"input_tokens": "0.30", "output_tokens": "1.20", "cache_read_tokens": "0.08"},
    )
    ours = catalog.with_model(negotiated, replace=True)
    print(lt.cost("gpt-4.1-mini", input_tokens=200, output_tokens=150, catalog=ours))


def with_images() -> lt.Workload:
    return lt.Workload.preset("support-chatbot").with_(needs={"vision"})


if __name__ == "__main__":
    main()
