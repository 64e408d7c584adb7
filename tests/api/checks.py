"""What `scripts/check-api` holds every answer to besides what the tool checks of itself: a refusal is one that the operation names, and what the schema allows is
not refused for its shape."""

import schemathesis

# What a schema can say; whatever else is refused is a rule that it cannot.
SHAPES = {"unknown_field", "duplicate_field", "wrong_type", "malformed_json", "malformed_query", "not_json"}


def is_shape(error):
    """Whether it is of the shape; that one of two fields is needed is a rule."""
    return error["code"] in SHAPES or (error["code"] == "missing_field" and error["detail"].endswith("` is missing"))


def refusals(response):
    if response.status_code < 400 or "problem+json" not in (response.headers.get("content-type") or [""])[0]:
        return None
    problem = response.json()
    return {problem["code"], *(error["code"] for error in problem.get("errors", []))}


def named(case, response):
    """The codes that the operation names for this status."""
    raw = case.operation.definition.raw["responses"].get(str(response.status_code))
    if raw and "$ref" in raw:
        raw = case.operation.schema.raw_schema["components"]["responses"][raw["$ref"].rsplit("/", 1)[1]]
    return set((raw or {}).get("x-codes", []))


@schemathesis.check
def refusal_is_named(ctx, response, case):
    codes = refusals(response)
    if codes is None or response.status_code == 405 or codes == {"no_such_route"}:
        return
    unnamed = codes - named(case, response)
    if unnamed:
        raise AssertionError(f"{case.operation.label} answered {response.status_code} {sorted(unnamed)}, which it does not name")


@schemathesis.check
def shape_is_taken(ctx, response, case):
    codes = refusals(response)
    mode = getattr(getattr(getattr(case, "meta", None), "generation", None), "mode", None)
    if codes is None or mode is None or not mode.is_positive:
        return
    problem = response.json()
    errors = problem.get("errors") or [problem]
    # How an attribute of one's own may be called is a rule of CloudEvents.
    if case.operation.path.endswith("/events"):
        errors = [error for error in errors if error["code"] != "unknown_field"]
    if any(is_shape(error) for error in errors):
        raise AssertionError(f"{case.operation.label} refused for its shape what the schema allows: {response.text[:300]}")
