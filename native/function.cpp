// Autograd functions whose backward is written in C#.
#include "internal.h"

#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/saved_variable.h>
#include <torch/csrc/autograd/variable.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <mutex>

namespace {

using torch::autograd::Node;
using torch::autograd::SavedVariable;
using torch::autograd::variable_list;

struct ManagedNode;

// `context` is a GCHandle. Fills `gradients` (owned references, null for none) and returns 0, or returns a message that
// the bridge frees: why it failed.
using Backward = char* (*)(void* context, ManagedNode* node, const TensorHandle* outputs, int32_t output_count,
                           TensorHandle* gradients, int32_t input_count);

struct ManagedNode : Node {
    void* context;
    Backward backward;
    Release release_context;
    bool materialize;
    int32_t input_count;
    std::vector<bool> takes_part;
    std::vector<SavedVariable> saved;
    std::weak_ptr<Node> self;
    std::mutex saved_mutex;

    ~ManagedNode() override { release_context(context); }

    std::string name() const override { return "ManagedFunction"; }

    variable_list apply(variable_list&& outputs) override {
        std::vector<TensorHandle> given, found(input_count, nullptr);
        for (size_t i = 0; i < outputs.size(); i++) {
            if (!outputs[i].defined() && materialize && takes_part[i]) outputs[i] = input_metadata(i).zeros_like();
            given.push_back(release(outputs[i]));
        }
        char* error = backward(context, this, given.data(), static_cast<int32_t>(given.size()), found.data(), input_count);
        variable_list gradients;
        for (auto handle : found)
            gradients.push_back(handle == nullptr ? at::Tensor()
                                                  : at::Tensor(c10::intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>::reclaim(
                                                        static_cast<c10::TensorImpl*>(handle))));
        if (error != nullptr) {
            std::string message(error);
            std::free(error);
            throw std::runtime_error(message);
        }
        return gradients;
    }

    void release_variables() override {
        std::lock_guard<std::mutex> lock(saved_mutex);
        for (auto& variable : saved) variable.reset_data();
    }
};

}  // namespace

// Ties `outputs`, computed without recording, to `inputs` by a node that calls `backward`. Where an output is one of the
// inputs or a view, its result is another tensor over the same memory; else it is the output itself. `differentiable` says
// which outputs take part. Returns the node for nc_function_save, alive while `results` are.
NC_API ManagedNode* nc_function(const TensorHandle* inputs, int32_t input_count, const TensorHandle* outputs,
                                const int32_t* differentiable, int32_t output_count, TensorHandle* results, void* context,
                                Backward backward, Release release_context, int32_t materialize) {
    return guarded<ManagedNode*>("autograd.Function", nullptr, [&] {
        auto variables = borrow_all(inputs, input_count);
        auto node = new ManagedNode();
        std::shared_ptr<Node> owner(node, torch::autograd::deleteNode);
        node->context = context;
        node->backward = backward;
        node->release_context = release_context;
        node->materialize = materialize != 0;
        node->input_count = input_count;
        node->self = owner;
        node->set_next_edges(torch::autograd::collect_next_edges(variables));
        for (int32_t i = 0; i < output_count; i++) {
            auto output = borrow(outputs[i]);
            bool is_input = std::any_of(variables.begin(), variables.end(),
                                        [&](const at::Tensor& input) { return input.is_same(output); });
            if (is_input || output.is_view()) output = output.detach();
            node->takes_part.push_back(differentiable[i] != 0);
            if (differentiable[i] != 0) {
                auto index = node->add_input_metadata(output);
                torch::autograd::impl::set_gradient_edge(output, {owner, index});
            } else {
                node->add_input_metadata(Node::undefined_input());
            }
            results[i] = release(std::move(output));
        }
        return node;
    });
}

NC_API int32_t nc_function_save(ManagedNode* node, const TensorHandle* tensors, int32_t count) {
    return guarded("save_for_backward", -1, [&] {
        std::lock_guard<std::mutex> lock(node->saved_mutex);
        for (int32_t i = 0; i < count; i++) {
            auto tensor = borrow(tensors[i]);
            bool is_output = tensor.defined() && tensor.grad_fn().get() == node;
            node->saved.emplace_back(tensor, is_output);
        }
        return 0;
    });
}

NC_API int32_t nc_function_saved_count(ManagedNode* node) {
    return static_cast<int32_t>(node->saved.size());
}

// Only within the node's backward.
NC_API int32_t nc_function_saved(ManagedNode* node, TensorHandle* tensors) {
    return guarded("get_saved_variables", -1, [&] {
        std::lock_guard<std::mutex> lock(node->saved_mutex);
        auto owner = node->self.lock();
        for (size_t i = 0; i < node->saved.size(); i++) tensors[i] = release(node->saved[i].unpack(owner));
        return 0;
    });
}
