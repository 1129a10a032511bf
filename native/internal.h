// Shared by the bridge's own files: handles to tensors and back, and the wall that no exception passes.
#pragma once

#include <ATen/ATen.h>

#include <cstring>
#include <string>

#include "bridge.h"

// Takes over one reference from `tensor`; an undefined tensor has the handle null.
inline TensorHandle release(at::Tensor tensor) {
    return tensor.defined() ? tensor.unsafeReleaseTensorImpl() : nullptr;
}

// A new reference to the tensor of a handle that the caller keeps.
inline at::Tensor borrow(TensorHandle handle) {
    if (handle == nullptr) return {};
    return at::Tensor(c10::intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>::reclaim_copy(
        static_cast<c10::TensorImpl*>(handle)));
}

std::vector<at::Tensor> borrow_all(const TensorHandle* handles, int32_t count);

// Keeps the current exception's message for nc_error(), prefixed by `what`.
void keep_error(const std::string& what);

template <class Result, class Body>
Result guarded(const char* what, Result failure, Body&& body) {
    try {
        return body();
    } catch (...) {
        keep_error(what);
        return failure;
    }
}
