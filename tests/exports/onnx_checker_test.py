#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""onnx.checker, with inference of all shapes and types, accepts every graph; sizes, names and labels are as documented.

    onnx_checker_test.py PROGRAM
"""
import json
import sys
import tempfile
import unittest

import onnx

import cases

PROGRAM = sys.argv[1]
del sys.argv[1:]


def sizes(value):
    return [dimension.dim_param or dimension.dim_value for dimension in value.type.tensor_type.shape.dim]


class Checker(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.addCleanup(self.temporary.cleanup)

    def graph(self, name, dtype="float32"):
        run = cases.Run(PROGRAM, self.temporary.name, name, dtype)
        return run, onnx.load(run.export("onnx"))

    def test_every_graph_is_a_graph(self):
        apart = ["gru", "lstm_stack", "leaky_trained"]  # what doubles are written in other operators for
        for dtype, element, names in (("float32", onnx.TensorProto.FLOAT, cases.CASES),
                                      ("float64", onnx.TensorProto.DOUBLE, apart)):
            for name in names:
                with self.subTest(case=name, dtype=dtype):
                    run, model = self.graph(name, dtype)
                    onnx.checker.check_model(model, full_check=True)
                    states = run.states
                    inputs = {value.name: value for value in model.graph.input}
                    outputs = {value.name: value for value in model.graph.output}
                    self.assertEqual(set(inputs), {"x", *states})
                    self.assertEqual(set(outputs), {"y", "h", *(state + "_next" for state in states)})
                    self.assertEqual(sizes(inputs["x"]), ["B", "T", cases.n])
                    self.assertEqual(sizes(outputs["y"])[:2], ["B", "T"])
                    for state, values in states.items():
                        self.assertEqual(sizes(inputs[state]), ["B", values.shape[1]])
                        self.assertEqual(sizes(outputs[state + "_next"]), ["B", values.shape[1]])
                    self.assertEqual({value.type.tensor_type.elem_type for value in (*model.graph.input, *model.graph.output)},
                                     {element})

    def test_gated_cells_are_the_operators_of_their_name(self):
        for name, operator in (("gru", "GRU"), ("lstm", "LSTM")):
            operators = [node.op_type for node in self.graph(name)[1].graph.node]
            self.assertEqual(operators.count(operator), 1)
            self.assertNotIn("Scan", operators)

    def test_a_graph_says_where_it_comes_from(self):
        run, model = self.graph("leaky_stack")
        about = {entry.key: entry.value for entry in model.metadata_props}
        self.assertTrue(about["program"].startswith("chronograd "))
        self.assertEqual(json.loads(about["config"]), json.loads((run.path / "resolved.json").read_text()))
        self.assertEqual((model.ir_version, model.opset_import[0].version), (8, 14))

    def test_the_checker_sees_a_graph_that_is_none(self):
        _, model = self.graph("elstm")
        model.graph.node[0].op_type = "MatMull"
        with self.assertRaises(Exception):
            onnx.checker.check_model(model, full_check=True)


if __name__ == "__main__":
    unittest.main()
