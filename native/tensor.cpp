// Tensors: ownership, what they look like, gradients.
#include "internal.h"

#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/variable.h>

std::vector<at::Tensor> borrow_all(const TensorHandle* handles, int32_t count) {
    std::vector<at::Tensor> tensors;
    tensors.reserve(count);
    for (int32_t i = 0; i < count; i++) tensors.push_back(borrow(handles[i]));
    return tensors;
}

NC_API void nc_release(TensorHandle handle) {
    guarded("release", 0, [&] {
        c10::intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>::reclaim(static_cast<c10::TensorImpl*>(handle));
        return 0;
    });
}

NC_API TensorHandle nc_retain(TensorHandle handle) {
    return release(borrow(handle));
}

NC_API int32_t nc_describe(TensorHandle handle, Description* description) {
    return guarded("describe", -1, [&] {
        auto tensor = borrow(handle);
        bool strided = tensor.layout() == at::kStrided;
        description->element_count = tensor.numel();
        description->element_size = static_cast<int64_t>(tensor.element_size());
        description->storage_offset = strided ? tensor.storage_offset() : 0;
        description->sizes = tensor.sizes().data();
        description->strides = strided ? tensor.strides().data() : nullptr;
        description->dimension_count = static_cast<int32_t>(tensor.dim());
        description->scalar_type = static_cast<int32_t>(tensor.scalar_type());
        description->device_type = static_cast<int32_t>(tensor.device().type());
        description->device_index = tensor.device().index();
        description->is_contiguous = strided && tensor.is_contiguous();
        description->is_leaf = tensor.is_leaf();
        description->requires_grad = tensor.requires_grad();
        description->is_sparse = !strided;
        return 0;
    });
}

NC_API void* nc_data(TensorHandle handle) {
    return guarded<void*>("data", nullptr, [&] {
        auto tensor = borrow(handle);
        // Such as the gradient of sign(): libtorch keeps no memory for what it knows to be zero.
        if (tensor._is_zerotensor()) throw std::runtime_error("the tensor is zero everywhere and has no memory; clone it");
        return tensor.data_ptr();
    });
}

// A tensor over memory that is not libtorch's; `free_memory` is called once the last tensor over it is gone.
NC_API TensorHandle nc_from_memory(void* data, const int64_t* sizes, int32_t dimension_count, int32_t scalar_type,
                                   void* context, Release free_memory) {
    return guarded<TensorHandle>("from_array", nullptr, [&] {
        return release(at::from_blob(
            data, at::IntArrayRef(sizes, dimension_count), [=](void*) { free_memory(context); },
            at::TensorOptions().dtype(static_cast<at::ScalarType>(scalar_type))));
    });
}

NC_API int32_t nc_set_requires_grad(TensorHandle handle, int32_t requires_grad) {
    return guarded("requires_grad_", -1, [&] {
        borrow(handle).requires_grad_(requires_grad != 0);
        return 0;
    });
}

// Null where there is no gradient; -1 in `status` on an error.
NC_API TensorHandle nc_grad(TensorHandle handle, int32_t* status) {
    *status = 0;
    try {
        return release(borrow(handle).grad());
    } catch (...) {
        keep_error("grad");
        *status = -1;
        return nullptr;
    }
}

NC_API int32_t nc_set_grad(TensorHandle handle, TensorHandle gradient) {
    return guarded("set grad", -1, [&] {
        borrow(handle).mutable_grad() = borrow(gradient);
        return 0;
    });
}

NC_API int32_t nc_backward(const TensorHandle* outputs, int32_t output_count, const TensorHandle* gradients,
                           int32_t gradient_count, const TensorHandle* inputs, int32_t input_count, int32_t retain_graph,
                           int32_t create_graph) {
    return guarded("backward", -1, [&] {
        torch::autograd::backward(borrow_all(outputs, output_count), borrow_all(gradients, gradient_count),
                                  retain_graph != 0, create_graph != 0, borrow_all(inputs, input_count));
        return 0;
    });
}

// Writes one handle for each input; null where the outputs do not depend on it and `allow_unused` is set.
NC_API int32_t nc_gradients(const TensorHandle* outputs, int32_t output_count, const TensorHandle* inputs,
                            int32_t input_count, const TensorHandle* gradients, int32_t gradient_count,
                            int32_t retain_graph, int32_t create_graph, int32_t allow_unused, TensorHandle* results) {
    return guarded("autograd.grad", -1, [&] {
        auto found = torch::autograd::grad(borrow_all(outputs, output_count), borrow_all(inputs, input_count),
                                           borrow_all(gradients, gradient_count), retain_graph != 0, create_graph != 0,
                                           allow_unused != 0);
        for (size_t i = 0; i < found.size(); i++) results[i] = release(std::move(found[i]));
        return 0;
    });
}
