"""Every kind of error that can leave the server, with what it means: the errors' page in the docs is this table."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ProblemType:
    """A kind of error: its HTTP status, its title, and what it means and what to do, for the docs."""

    status: int
    title: str
    meaning: str


TYPES: dict[str, ProblemType] = {
    "unknown_model": ProblemType(404, "Unknown network", "GET /api/v1/models lists the networks that there are."),
    "unknown_method": ProblemType(404, "Unknown method", "GET /api/v1/methods lists the methods that there are."),
    "unknown_image": ProblemType(404, "Unknown image", "No such image is here. Upload it: POST /api/v1/images."),
    "unknown_answer": ProblemType(
        404, "Unknown answer", "This was never asked here. Ask again: the same ask has the same id."
    ),
    "unknown_array": ProblemType(
        404, "Unknown array", "The answer has no array of this name. The answer's JSON lists them."
    ),
    "unknown_node": ProblemType(422, "Unknown node", "GET /api/v1/models/{id} lists the network's nodes."),
    "unknown_unit": ProblemType(422, "Unknown unit", "The node has fewer units. They count from 0."),
    "bad_parameter": ProblemType(
        422, "Bad parameter", "A parameter is missing, unknown, of another type or out of bounds."
    ),
    "bad_request": ProblemType(422, "Bad request", "The request is not of the form that this address takes."),
    "malformed": ProblemType(
        400, "Malformed request", "The request breaks HTTP's or its format's rules: it could not be read."
    ),
    "image_required": ProblemType(422, "Image required", "The method looks at a picture, and none was named."),
    "not_an_image": ProblemType(
        415, "Not an image", "The bytes are no picture. PNG, JPEG, GIF, WebP, BMP and AVIF are read."
    ),
    "truncated": ProblemType(415, "Truncated or broken image", "The picture ends early or its data are broken."),
    "unsupported_image": ProblemType(
        415, "Unsupported image format", "A picture, but not PNG, JPEG, GIF, WebP, BMP or AVIF."
    ),
    "unsupported_media_type": ProblemType(
        415, "Unsupported media type", "The body is of a type that this address does not take."
    ),
    "not_acceptable": ProblemType(406, "Not acceptable", "The answer cannot be written in any of the accepted types."),
    "too_large": ProblemType(413, "Too large", "The body has more bytes than this address takes."),
    "too_many_pixels": ProblemType(413, "Too many pixels", "The picture has more pixels than this server decodes."),
    "busy": ProblemType(429, "Busy", "More asks are waiting than the queue holds. Try again in a moment."),
    "rate_limited": ProblemType(
        429, "Too many requests", "This client asked more often than its share. Wait as Retry-After says."
    ),
    "stalled": ProblemType(429, "Stalled", "The client acknowledged nothing for too long while data waited for it."),
    "out_of_memory": ProblemType(
        503, "Out of memory", "The memory ran out while answering. Ask for less, or again later."
    ),
    "memory_budget": ProblemType(422, "Too much memory", "Answering would take more memory than one ask may have."),
    "bad_weights": ProblemType(
        422, "Unusable weights", "The network's file of weights is broken or another network's."
    ),
    "bad_onnx": ProblemType(
        422, "Unreadable ONNX file", "The file is broken, too large, or of operations that are not read: /docs/onnx."
    ),
    "bad_model": ProblemType(
        422, "Unusable network", "The network cannot be looked into here, or what was said of it does not fit it."
    ),
    "unsafe_model": ProblemType(
        422, "Unsafe file of weights", "Reading the file would run code that is in it. Save the weights alone."
    ),
    "bad_run": ProblemType(
        422, "Impossible training", "What is to be trained, or to be done with it, is not possible as it stands."
    ),
    "unknown_run": ProblemType(404, "Unknown run", "GET /api/v1/runs lists the trainings that are kept here."),
    "fetch_failed": ProblemType(
        502, "Weights not fetched", "The publisher of the weights cannot be reached, or sent another file."
    ),
    "disk_full": ProblemType(507, "Disk full", "There is no room to keep what was sent. Nothing was kept."),
    "unavailable": ProblemType(503, "Unavailable", "The server is starting or closing. Try again in a moment."),
    "bad_host": ProblemType(400, "Bad host", "The request names a host that this server is not."),
    "forbidden": ProblemType(403, "Forbidden", "The request was started by another site's page."),
    "unauthorised": ProblemType(401, "Unauthorised", "The token is missing or wrong."),
    "not_found": ProblemType(404, "Not found", "There is nothing at this address."),
    "method_not_allowed": ProblemType(405, "Method not allowed", "This address does not take this HTTP method."),
    "internal": ProblemType(500, "Internal error", "A fault of the program. The server's log tells more."),
}
"""Every code that a problem's `type` can end in."""
