// Operators by name: finds them in libtorch's dispatcher and calls them boxed.
#include "internal.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/ivalue.h>
#include <ATen/core/jit_type.h>
#include <ATen/core/stack.h>

#include <sstream>
#include <utility>

namespace {

// How an argument must be boxed, where a tagged value alone leaves that open (a C# long may be wanted as float, and so on).
enum class Slot { any, tensor, real, boolean, optional_tensor_list };

// c10::optional<at::Tensor> in libtorch 1.13, std::optional<at::Tensor> in 2.x.
using OptionalTensor = decltype(std::declval<c10::IValue>().toOptional<at::Tensor>());

Slot slot_of(const c10::TypePtr& declared) {
    c10::TypePtr type = declared;
    if (auto optional = type->cast<c10::OptionalType>()) type = optional->getElementType();
    switch (type->kind()) {
        case c10::TypeKind::TensorType: return type == declared ? Slot::tensor : Slot::any;
        case c10::TypeKind::FloatType: return Slot::real;
        case c10::TypeKind::BoolType: return Slot::boolean;
        case c10::TypeKind::ListType:
            return type->expectRef<c10::ListType>().getElementType()->kind() == c10::TypeKind::OptionalType
                       ? Slot::optional_tensor_list
                       : Slot::any;
        default: return Slot::any;
    }
}

template <class List>
List box_tensors(const Value& value) {
    auto handles = static_cast<const TensorHandle*>(value.pointer);
    List list;
    list.reserve(value.count);
    for (int32_t i = 0; i < value.count; i++) list.push_back(borrow(handles[i]));
    return list;
}

template <class Element>
c10::List<Element> box_numbers(const Value& value) {
    auto numbers = static_cast<const Element*>(value.pointer);
    c10::List<Element> list;
    list.reserve(value.count);
    for (int32_t i = 0; i < value.count; i++) list.push_back(numbers[i]);
    return list;
}

c10::Device device_of(int64_t packed) {
    return {static_cast<c10::DeviceType>(packed >> 32), static_cast<c10::DeviceIndex>(static_cast<int32_t>(packed))};
}

c10::IValue box(const Value& value, Slot slot) {
    switch (value.kind) {
        case kTensor: return borrow(value.pointer);
        case kInteger:
            if (slot == Slot::real) return static_cast<double>(value.integer);
            if (slot == Slot::boolean) return value.integer != 0;
            return value.integer;
        case kReal: return value.real;
        case kBoolean: return value.integer != 0;
        case kIntegerList: return box_numbers<int64_t>(value);
        case kRealList: return box_numbers<double>(value);
        case kTensorList:
            if (slot == Slot::optional_tensor_list) {
                auto handles = static_cast<const TensorHandle*>(value.pointer);
                c10::List<OptionalTensor> list;
                for (int32_t i = 0; i < value.count; i++)
                    list.push_back(handles[i] == nullptr ? OptionalTensor() : OptionalTensor(borrow(handles[i])));
                return list;
            }
            return box_tensors<c10::List<at::Tensor>>(value);
        case kText: return std::string(static_cast<const char*>(value.pointer), value.count);
        case kDevice: return device_of(value.integer);
        case kGenerator: return *static_cast<at::Generator*>(value.pointer);
        default:
            if (slot == Slot::tensor) throw std::runtime_error("a tensor is null that may not be");
            return {};
    }
}

Value unbox(c10::IValue&& result) {
    Value value{};
    if (result.isTensor()) {
        value.pointer = release(std::move(result).toTensor());
        value.kind = value.pointer == nullptr ? kNone : kTensor;
    } else if (result.isInt()) {
        value.kind = kInteger;
        value.integer = result.toInt();
    } else if (result.isDouble()) {
        value.kind = kReal;
        value.real = result.toDouble();
    } else if (result.isBool()) {
        value.kind = kBoolean;
        value.integer = result.toBool();
    } else if (result.isTensorList()) {
        auto list = std::move(result).toTensorVector();
        auto handles = new TensorHandle[list.size()];  // the caller frees it by nc_free_list
        for (size_t i = 0; i < list.size(); i++) handles[i] = release(std::move(list[i]));
        value.kind = kTensorList;
        value.count = static_cast<int32_t>(list.size());
        value.pointer = handles;
    } else if (!result.isNone()) {
        throw std::runtime_error("returns a " + result.tagKind() + ", which the bridge cannot hand over");
    }
    return value;
}

void describe_tensor(std::ostream& text, TensorHandle handle) {
    if (handle == nullptr) {
        text << "undefined";
        return;
    }
    auto tensor = borrow(handle);
    text << tensor.scalar_type() << '[';
    const char* separator = "";
    for (auto size : tensor.sizes()) {
        text << separator << size;
        separator = ", ";
    }
    text << ']';
}

// "aten::mm(Float[2, 3], Float[4, 5])": what failed, with the shapes it was given.
std::string describe_call(const std::string& name, const Value* arguments, int32_t count) {
    std::ostringstream text;
    text << name << '(';
    const char* separator = "";
    for (int32_t i = 0; i < count; i++) {
        const Value& value = arguments[i];
        if (value.kind == kTensor) {
            text << separator;
            describe_tensor(text, value.pointer);
        } else if (value.kind == kTensorList) {
            text << separator << '[';
            for (int32_t j = 0; j < value.count && j < 8; j++) {
                if (j > 0) text << ", ";
                describe_tensor(text, static_cast<const TensorHandle*>(value.pointer)[j]);
            }
            text << (value.count > 8 ? ", ...]" : "]");
        } else {
            continue;
        }
        separator = ", ";
    }
    text << ')';
    return text.str();
}

}  // namespace

struct Operator {
    c10::OperatorHandle handle;
    std::string name;
    std::vector<Slot> slots;
    std::vector<c10::IValue> defaults;  // of the trailing arguments that may be left out; None where there is none

    Operator(c10::OperatorHandle found, std::string full_name) : handle(found), name(std::move(full_name)) {
        for (const auto& argument : handle.schema().arguments()) {
            slots.push_back(slot_of(argument.type()));
            defaults.push_back(argument.default_value().has_value() ? *argument.default_value() : c10::IValue());
        }
    }
};

NC_API const Operator* nc_operator(const char* name, const char* overload) {
    std::string full_name = *overload == 0 ? std::string(name) : std::string(name) + "." + overload;
    return guarded<const Operator*>(full_name.c_str(), nullptr, [&] {
        return new Operator(c10::Dispatcher::singleton().findSchemaOrThrow(name, overload), full_name);
    });
}

// Returns how many results there are, of which the first `capacity` were written and the others dropped; -1 on an error.
NC_API int32_t nc_call(const Operator* op, const Value* arguments, int32_t count, Value* results, int32_t capacity) {
    try {
        if (count > op->slots.size()) throw std::runtime_error("takes fewer arguments than were given");
        torch::jit::Stack stack;
        stack.reserve(op->slots.size());
        for (int32_t i = 0; i < count; i++) stack.push_back(box(arguments[i], op->slots[i]));
        for (size_t i = count; i < op->slots.size(); i++) stack.push_back(op->defaults[i]);
        op->handle.callBoxed(stack);
        auto produced = static_cast<int32_t>(stack.size());
        for (int32_t i = 0; i < produced && i < capacity; i++) results[i] = unbox(std::move(stack[i]));
        return produced;
    } catch (...) {
        keep_error(describe_call(op->name, arguments, count));
        return -1;
    }
}

NC_API void nc_free_list(TensorHandle* handles) {
    delete[] handles;
}
