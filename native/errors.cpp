// Errors: the text of the last one on this thread, without libtorch's stack trace.
#include "internal.h"

#include <c10/util/Exception.h>
#include <c10/util/Logging.h>
#include <torch/csrc/api/include/torch/version.h>

namespace {

thread_local std::string last_error;

std::string first_line(const char* text) {
    const char* end = std::strchr(text, '\n');
    return end == nullptr ? std::string(text) : std::string(text, end);
}

// Collecting a native stack trace for every thrown error costs milliseconds, and nobody reads it.
const bool traces_are_off = [] {
#if TORCH_VERSION_MAJOR < 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR < 3)
    c10::SetStackTraceFetcher([] { return std::string(); });
#endif
    return true;
}();

}  // namespace

void keep_error(const std::string& what) {
    std::string reason;
    try {
        throw;
    } catch (const c10::Error& error) {
        reason = first_line(error.what_without_backtrace());
    } catch (const std::exception& error) {
        reason = first_line(error.what());
    } catch (...) {
        reason = "an exception of unknown type";
    }
    last_error = what + ": " + reason;
}

NC_API const char* nc_error() {
    return last_error.c_str();
}
