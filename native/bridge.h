// The C interface between NcService.Torch (C#) and libtorch.
//
// One mechanism serves every operator: nc_operator finds an entry of libtorch's dispatcher by name ("aten::mm"), nc_call runs
// it on tagged values. The schema that libtorch itself registered says what each argument must be and what a missing one
// defaults to, so adding an operator takes one line in C# and none here, and nothing depends on C++ signatures that move
// between versions. What the dispatcher does not hold (memory, autograd, threads, random state) has functions of its own.
//
// No C++ exception leaves this library: a function that fails returns -1 or null and nc_error() says why.
#pragma once

#include <cstdint>

#define NC_API extern "C" __attribute__((visibility("default")))

// A tensor crosses as the address of its TensorImpl; each side that keeps one owns one reference to it.
using TensorHandle = void*;

enum ValueKind : int32_t {
    kNone = 0,
    kTensor = 1,
    kInteger = 2,
    kReal = 3,
    kBoolean = 4,
    kIntegerList = 5,
    kRealList = 6,
    kTensorList = 7,
    kText = 8,
    kDevice = 9,     // integer: type << 32 | index & 0xffffffff
    kGenerator = 10,
};

struct Value {
    int32_t kind;
    int32_t count;  // of a list, or bytes of a text
    union {
        int64_t integer;
        double real;
        void* pointer;
    };
};

struct Operator;

// Gives back what `context`, a GCHandle, keeps alive.
using Release = void (*)(void* context);

// What managed code asks about a tensor; the pointers live as long as the tensor does.
struct Description {
    int64_t element_count;
    int64_t element_size;
    int64_t storage_offset;
    const int64_t* sizes;
    const int64_t* strides;
    int32_t dimension_count;
    int32_t scalar_type;
    int32_t device_type;
    int32_t device_index;
    int32_t is_contiguous;
    int32_t is_leaf;
    int32_t requires_grad;
    int32_t is_sparse;
};
