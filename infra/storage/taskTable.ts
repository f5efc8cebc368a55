import {
  AttributeType,
  BillingMode,
  ProjectionType,
  Table,
  TableEncryption,
} from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { ENV, INDEXED_ATTRIBUTES, OWNER_INDEXES, TABLE_KEYS } from '../../shared/names.ts';
import type { SheafFunction } from '../functions/sheafFunction.ts';
import { removalPolicy } from './removalPolicy.ts';

export interface TaskTableProps {
  /** Whether the table outlives the stack. */
  readonly retain: boolean;
  /** Whether the table refuses deletion by whomever. */
  readonly protect: boolean;
}

const READ_ACTIONS = ['dynamodb:GetItem', 'dynamodb:Query'];
const UPDATE_ACTIONS = [...READ_ACTIONS, 'dynamodb:UpdateItem'];
const ACTIONS = {
  read: READ_ACTIONS,
  update: UPDATE_ACTIONS,
  readWrite: [...UPDATE_ACTIONS, 'dynamodb:PutItem', 'dynamodb:DeleteItem'],
} as const;

/** The one table: tasks, shards, templates, data sources, connections, tickets and API keys. */
export class TaskTable extends Table {
  constructor(scope: Construct, id: string, props: TaskTableProps) {
    super(scope, id, {
      partitionKey: { name: TABLE_KEYS.partition, type: AttributeType.STRING },
      sortKey: { name: TABLE_KEYS.sort, type: AttributeType.STRING },
      timeToLiveAttribute: TABLE_KEYS.expiry,
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.AWS_MANAGED,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: props.protect,
      removalPolicy: removalPolicy(props.retain),
    });
    for (const [indexName, { partition, sort }] of Object.entries(OWNER_INDEXES)) {
      this.addGlobalSecondaryIndex({
        indexName,
        partitionKey: { name: partition, type: AttributeType.STRING },
        sortKey: { name: sort, type: AttributeType.STRING },
        projectionType: ProjectionType.INCLUDE,
        nonKeyAttributes: [...INDEXED_ATTRIBUTES],
      });
    }
  }

  /** Tells a function the table's name and lets it read, or also write, single items. */
  allow(reader: SheafFunction, access: keyof typeof ACTIONS = 'read'): void {
    reader.addEnvironment(ENV.table, this.tableName);
    reader.addToRolePolicy(
      new PolicyStatement({
        actions: [...ACTIONS[access]],
        resources: [this.tableArn],
      }),
    );
    reader.addToRolePolicy(
      new PolicyStatement({
        actions: ['dynamodb:Query'],
        resources: Object.keys(OWNER_INDEXES).map((name) => `${this.tableArn}/index/${name}`),
      }),
    );
  }
}
